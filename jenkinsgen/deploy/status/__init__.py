"""How a deployment stands, for a person and for a program."""
