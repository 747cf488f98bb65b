"""Do the clocks agree? Leases expire, logs are merged and certificates are judged by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.doctor.check import Check, failed, ok, warning

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOCK = "clock"
WARN_SECONDS, FAIL_SECONDS = 2.0, 30.0
_REMEDY = "let them follow a time server: timedatectl set-ntp true"


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a clock is ahead of the agent's, in seconds, and by how much that may be wrong: half a round trip."""

    seconds: float
    uncertain: float

    def __str__(self) -> str:
        side = "ahead of" if self.seconds > 0 else "behind"
        return f"{abs(self.seconds):.2f} s {side} the agent (± {self.uncertain:.2f} s)"


def offset(before: float, there: float, after: float) -> Offset:
    """The offset by the agent's clock before and after the question, and the host's in between; all in seconds."""
    return Offset(there - (before + after) / 2, (after - before) / 2)


def judge_clock(host: str, found: Offset) -> Check:
    """Only what is beyond the doubt of the measurement counts."""
    sure = abs(found.seconds) - found.uncertain
    if sure > FAIL_SECONDS:
        return failed(host, CLOCK, str(found), _REMEDY)
    if sure > WARN_SECONDS:
        return warning(host, CLOCK, str(found), _REMEDY)
    return ok(host, CLOCK, str(found))


def judge_clocks(agent: str, offsets: Mapping[str, Offset]) -> list[Check]:
    """The clocks among each other: two that are each close enough to the agent may be too far apart."""
    if len(offsets) < 2:  # noqa: PLR2004 - a pair
        return []
    last = min(offsets, key=lambda host: offsets[host].seconds)
    first = max(offsets, key=lambda host: offsets[host].seconds)
    apart = offsets[first].seconds - offsets[last].seconds
    sure = apart - offsets[first].uncertain - offsets[last].uncertain
    found = f"{apart:.2f} s at most between two hosts ({first} and {last})"
    if all(abs(each.seconds) - each.uncertain > WARN_SECONDS for each in offsets.values()) and sure <= WARN_SECONDS:
        return [warning(agent, "clocks", "all hosts agree, and not with the agent: its own clock is wrong", _REMEDY)]
    if sure > FAIL_SECONDS:
        return [failed(agent, "clocks", found, _REMEDY)]
    if sure > WARN_SECONDS:
        return [warning(agent, "clocks", found, _REMEDY)]
    return [ok(agent, "clocks", found)]
