"""What a declarative Jenkinsfile would do, told without running it."""
