"""Zero-downtime deployments of a Docker service behind NGINX, as reviewed Jenkins pipelines."""
