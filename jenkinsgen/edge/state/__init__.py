"""What a service keeps on its NGINX hosts: the lease, the journal, the history."""
