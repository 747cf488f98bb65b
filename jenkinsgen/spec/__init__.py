"""The spec: a YAML file, its positions, its frozen models."""
