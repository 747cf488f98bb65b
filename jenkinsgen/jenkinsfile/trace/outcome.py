"""Results, and which conditions of `post` they make run."""

from __future__ import annotations

SUCCESS, UNSTABLE, FAILURE, NOT_BUILT, ABORTED = "SUCCESS", "UNSTABLE", "FAILURE", "NOT_BUILT", "ABORTED"
_ORDER = (SUCCESS, UNSTABLE, FAILURE, NOT_BUILT, ABORTED)
_CONDITIONS = {
    SUCCESS: {"success"},
    UNSTABLE: {"unstable", "unsuccessful"},
    FAILURE: {"failure", "unsuccessful"},
    NOT_BUILT: {"notBuilt", "unsuccessful"},
    ABORTED: {"aborted", "unsuccessful"},
}


def worse(one: str, other: str) -> str:
    """The worse of two results: it is what a build ends with."""
    return max(one, other, key=_ORDER.index)


def running_conditions(result: str) -> set[str]:
    """The conditions that run in the first build of a job."""
    return {"always", "changed", "cleanup"} | _CONDITIONS[result]
