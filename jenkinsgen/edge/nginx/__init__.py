"""The NGINX hosts: what they serve, and how that is changed and proven."""
