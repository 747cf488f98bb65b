"""The context of every stage: its connections, its lease, its transaction."""
