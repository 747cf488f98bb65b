"""NGINX as text and answers: the site file, the scripts, what it replied. Nothing here talks to a server."""
