"""Clients that load a sandbox and count what they see."""
