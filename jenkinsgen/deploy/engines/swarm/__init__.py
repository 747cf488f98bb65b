"""Docker Swarm: a manager answers for all servers, and a colour is one service."""
