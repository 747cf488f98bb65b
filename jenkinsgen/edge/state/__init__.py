"""Files of a service on its NGINX hosts: the lease, the journal, the history."""
