"""The table that a person reads, and the list that a program reads."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from jenkinsgen.doctor.check import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.doctor.check import Check

_ORDER = list(Verdict)


def as_text(checks: Sequence[Check]) -> str:
    """One part for each host in the order of the checks, its worst first; a remedy stands under what was found."""
    width = max((len(check.name) for check in checks), default=0)
    lines: list[str] = []
    for host in dict.fromkeys(check.host for check in checks):
        lines.append(host)
        for check in sorted((c for c in checks if c.host == host), key=lambda c: _ORDER.index(c.verdict)):
            indent = " " * (4 + 9 + width + 2)
            found = check.found.replace("\n", f"\n{indent}")
            lines.append(f"    {check.verdict:<9}{check.name:<{width}}  {found}")
            if check.remedy:
                lines.append(f"{indent}-> {check.remedy}")
    return "\n".join(lines)


def as_json(checks: Sequence[Check]) -> str:
    """A list of `{host, name, verdict, found, remedy}`."""
    return json.dumps([asdict(check) for check in checks], indent=2)
