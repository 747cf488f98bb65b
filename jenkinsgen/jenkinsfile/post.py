"""The conditions of `post`, for all that read or run a declarative pipeline."""

from __future__ import annotations

POST_CONDITIONS = (
    "always",
    "changed",
    "fixed",
    "regression",
    "aborted",
    "success",
    "unsuccessful",
    "unstable",
    "failure",
    "notBuilt",
    "cleanup",
)
"""Conditions of `post` in the order in which Jenkins 2.504.3 runs them, whatever the order in the file."""
