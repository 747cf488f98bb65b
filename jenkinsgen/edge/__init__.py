"""The edge: the only folder that imports docker, paramiko, requests or jenkins."""
