"""What stages do where the servers are nodes of a Docker Swarm."""
