"""The stages and commands of a canary."""
