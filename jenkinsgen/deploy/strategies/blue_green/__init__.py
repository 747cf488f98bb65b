"""Blue-green: all traffic moves at one moment."""
