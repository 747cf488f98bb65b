"""Jenkinsfiles as text: rendered from a spec, parsed, linted, traced, and compared for a review. Nothing here acts."""
