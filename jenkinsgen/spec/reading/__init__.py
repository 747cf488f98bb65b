"""From a YAML file to a checked spec, with the place of every value; and the keys of a spec, for docs and editors."""
