"""A build as it is seen from outside, and what its result means for the one who started it."""

from __future__ import annotations

from dataclasses import dataclass

# Exit codes of `jobs run --follow`, by the build's result.
EXIT_CODES = {"SUCCESS": 0, "UNSTABLE": 11, "FAILURE": 10, "NOT_BUILT": 12, "ABORTED": 13}
UNKNOWN_RESULT = 10


def exit_code(result: str) -> int:
    """The exit code for the result of a build."""
    return EXIT_CODES.get(result, UNKNOWN_RESULT)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage. `status` is Jenkins' word for how it is, such as IN_PROGRESS, SUCCESS or FAILED."""

    name: str
    status: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class LogPart:
    """A piece of a build's log. `position` is where the next one begins, in Jenkins' own count."""

    text: str
    position: int
    more: bool
