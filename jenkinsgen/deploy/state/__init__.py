"""The memory of a service on its NGINX hosts: who deploys now, what has been live, what was done."""
