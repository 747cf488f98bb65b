"""An offline linter of declarative Jenkinsfiles: the verdict of Jenkins' own linter, and rules on top."""
