"""The trace of a declarative Jenkinsfile: what it would do, told without running it."""
