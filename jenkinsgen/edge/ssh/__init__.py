"""SSH connections: paramiko, within bounds."""
