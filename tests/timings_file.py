"""Reads the trace file that JENKINSGEN_TIMINGS names, and checks what a trace viewer needs of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def tracks(path: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The spans of each process' tracks, by title and track."""
    events = json.loads(path.read_text())["traceEvents"]
    names: dict[tuple[str, int | None, int], str] = {}
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    # A process id may come again in the next process; its name then comes again, too.
    title = ""
    for event in events:
        if event["ph"] == "M" and event["name"] == "process_name":
            title = event["args"]["name"]
        elif event["ph"] == "M":
            names[title, event["pid"], event["tid"]] = event["args"]["name"]
        else:
            assert event["ph"] == "X"
            assert isinstance(event["ts"], int)
            assert event["dur"] >= 0
            found.setdefault((title, names[title, event["pid"], event["tid"]]), []).append(event)
    return found


def check_nesting(spans: list[dict[str, Any]]) -> None:
    """Two spans of one track are one after the other, or one inside of the other."""
    open_until: list[int] = []
    for span in sorted(spans, key=lambda span: (span["ts"], -span["dur"])):
        while open_until and open_until[-1] <= span["ts"]:
            open_until.pop()
        end = span["ts"] + span["dur"]
        assert not open_until or end <= open_until[-1], f"{span['name']} overlaps what is around it"
        open_until.append(end)
