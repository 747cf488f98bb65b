"""Rolling: the servers are replaced one batch after the other."""
