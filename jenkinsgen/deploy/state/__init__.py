"""What a service remembers on its NGINX hosts: who deploys now, what has been live, what was done."""
