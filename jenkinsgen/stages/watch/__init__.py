"""Looks at a release that has traffic: the bake, and the guard."""
