"""Events of a trace, as data: one after the other, indented as deep as they are nested."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` says what happens, `text` to what; `line` is where the Jenkinsfile says so.

    Kinds: pipeline, agent, environment, option, tool, stage, skipped, approval, command, step, credentials,
    stash, unstash, archive, post, failed, aborted, caught, cannot-tell, result.
    """

    kind: str
    text: str
    depth: int
    line: int
    details: dict[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def as_text(events: list[Event]) -> str:
    """One line an event; further lines of a command are indented below it."""
    lines: list[str] = []
    for event in events:
        indent = "  " * event.depth
        first, *rest = event.text.rstrip("\n").split("\n") or [""]
        lines.append(f"{indent}{event.kind}{' ' if first else ''}{first}".rstrip())
        lines.extend(f"{indent}  | {line}".rstrip() for line in rest)
    return "\n".join(lines) + "\n"
