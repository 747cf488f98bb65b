"""The way from a YAML file to a checked spec, with the place of every value; and its keys, for docs and editors."""
