"""Engines run the containers: a folder for each."""
