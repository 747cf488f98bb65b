"""Canary: the new release gets some of the clients first."""
