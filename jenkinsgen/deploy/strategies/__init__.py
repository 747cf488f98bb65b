"""How the traffic comes from one release to the next: a folder for each strategy."""
