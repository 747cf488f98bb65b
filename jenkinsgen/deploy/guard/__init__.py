"""The guard judges a release that has traffic."""
