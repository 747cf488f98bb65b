"""A Docker Swarm as data, and the steps that change it."""
