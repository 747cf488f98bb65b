"""Does a new colour do badly? Pure: requests of NGINX's access log in, a reason out."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from jenkinsgen.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jenkinsgen.nginx.access_log import Request
    from jenkinsgen.spec.guard import Guard

BASELINE_SECONDS = 300.0
"""How much of the past before a switch is asked for what is usual."""

# People do not notice a smaller rise, whatever its factor.
_LATENCY_FLOOR = 0.05
# So many are slower than a 95th percentile, by its meaning.
_SLOWER_SHARE = 0.05
# Chance alone exceeds this once in about a thousand windows.
_SIGMAS = 3


@dataclass(frozen=True, slots=True)
class Baseline:
    """The usual errors and latency before the switch."""

    requests: int
    error_percent: float
    p95_seconds: float

    def __str__(self) -> str:
        if not self.requests:
            return "nothing is known of its requests"
        percent, p95 = _short(self.error_percent), _time(self.p95_seconds)
        return f"{self.requests} answers, {percent} % of status 5xx, 95 % of them within {p95}"

    def to_dict(self) -> dict[str, float]:
        """Plain data for a JSON file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Baseline:
        """Raises StateError when it is not what `to_dict` gave."""
        try:
            found = cls(int(data["requests"]), float(data["error_percent"]), float(data["p95_seconds"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise _damaged(data) from error
        if found.requests < 0 or not 0 <= found.error_percent <= 100 or not 0 <= found.p95_seconds < math.inf:  # noqa: PLR2004
            raise _damaged(data)
        return found


def _damaged(data: Mapping[str, Any]) -> StateError:
    return StateError(
        f"the baseline of the guard is damaged: {data!r}",
        hint="it stands in journal.json on the NGINX host, and the next deployment writes it anew; that of a canary "
        "goes with it: jenkinsgen canary abort",
    )


UNKNOWN = Baseline(requests=0, error_percent=0.0, p95_seconds=1.0)
"""Before the first deployment, or after a quiet hour: no errors, and a second for an answer, are taken for usual."""


def baseline_of(requests: Iterable[Request]) -> Baseline:
    """The baseline of these requests, which are those of the live colour before a switch."""
    known = list(requests)
    answers = [request for request in known if request.answered]
    timed = sorted(request.seconds for request in answers if request.waited)
    if not answers or not timed:
        return UNKNOWN
    failed = sum(request.failed for request in answers)
    return Baseline(len(answers), 100 * failed / len(answers), percentile_95(timed))


def percentile_95(ordered: Sequence[float]) -> float:
    """The smallest number that 95 % do not exceed (nearest rank), of at least one number in rising order."""
    return ordered[max(0, math.ceil(0.95 * len(ordered)) - 1)]


def worse_of(before: Baseline, meanwhile: Baseline, guard: Guard) -> Baseline:
    """The baseline while both colours serve: what the old one did before, or does now where that is worse.

    A database that is slow for everybody is not the new colour's doing.
    """
    known = [each for each in (before, meanwhile) if each.requests >= guard.requests]
    if not known:
        return UNKNOWN
    return Baseline(
        sum(each.requests for each in known),
        max(each.error_percent for each in known),
        max(each.p95_seconds for each in known),
    )


def judge(
    window: Iterable[Request], baseline: Baseline, guard: Guard, compared: str = "before the switch"
) -> str | None:
    """Why the new colour fails, in a sentence with the numbers; None when it does not.

    `window` are requests of the new colour alone. A baseline of fewer than `guard.requests` is no baseline.
    `compared` says in the sentence whose the baseline is.
    """
    usual = baseline if baseline.requests >= guard.requests else UNKNOWN
    requests = list(window)
    return _errors(requests, usual, guard, compared) or _latency(requests, usual, guard, compared)


def _errors(requests: list[Request], usual: Baseline, guard: Guard, compared: str) -> str | None:
    answers = [request for request in requests if request.answered]
    failed = sum(request.failed for request in answers)
    allowed_percent = min(100.0, usual.error_percent + guard.errors)
    if len(answers) < guard.requests or failed <= _explained(len(answers), allowed_percent / 100):
        return None
    before = f"{_short(usual.error_percent)} % {compared}" if usual.requests else "nothing to compare with"
    return (
        f"{failed} of {len(answers)} answers ({_short(100 * failed / len(answers))} %) were of status 5xx; "
        f"{_short(allowed_percent)} % are allowed ({before}, and guard.errors {_short(guard.errors)})"
    )


def _latency(requests: list[Request], usual: Baseline, guard: Guard, compared: str) -> str | None:
    allowed = max(guard.latency * usual.p95_seconds, usual.p95_seconds + _LATENCY_FLOOR)
    # A client that left soon says nothing; one that left after waiting too long says the same as a late answer.
    timed = [request for request in requests if request.waited and (not request.gone or request.seconds > allowed)]
    slow = sum(request.seconds > allowed for request in timed)
    if len(timed) < guard.requests or slow <= _explained(len(timed), _SLOWER_SHARE):
        return None
    p95 = percentile_95(sorted(request.seconds for request in timed))
    before = f"{_time(usual.p95_seconds)} {compared}" if usual.requests else "nothing to compare with"
    return (
        f"5 % of the requests waited {_time(p95)} or longer for an answer, {slow} of {len(timed)} longer than the "
        f"allowed {_time(allowed)} ({before}, and guard.latency {_short(guard.latency)})"
    )


def _explained(count: int, share: float) -> float:
    """How many of `count` may be bad when `share` of all are: the expected number, and what chance adds to it."""
    return count * share + _SIGMAS * math.sqrt(count * share * (1 - share))


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
