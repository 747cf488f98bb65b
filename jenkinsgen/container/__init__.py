"""Settings of a container beside image, port and environment: each has one entry, which all code shares."""
