"""What a spec says of a container beside image, port and environment: each setting once, for all who deal with it."""
