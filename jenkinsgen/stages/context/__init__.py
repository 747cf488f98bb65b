"""What every stage has: its connections, its lease, its transaction."""
