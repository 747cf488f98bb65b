"""A Docker Swarm, asked and changed through one of its managers."""
