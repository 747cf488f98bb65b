"""By what a release that has traffic is judged."""
