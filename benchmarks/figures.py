"""What was measured, as a table with its limits: on the screen, as JSON, and in docs/benchmarks.md."""

# ruff: noqa: INP001 - programs, not a package

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One of them. `limit` is what it may be at most."""

    what: str
    value: float
    unit: str = ""
    limit: float | None = None
    detail: str = ""
    """What it was made of."""

    @property
    def met(self) -> bool:
        return self.limit is None or self.value <= self.limit

    @property
    def row(self) -> tuple[str, str, str, str]:
        limit = "" if self.limit is None else f"≤ {_number(self.limit)}{self.unit}"
        return self.what, f"{_number(self.value)}{self.unit}", limit + ("" if self.met else " **missed**"), self.detail


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")  # noqa: PLR2004 - three digits


def markdown(figures: Sequence[Figure], machine: Mapping[str, str]) -> str:
    """The table, and the machine that it comes from."""
    lines = ["| | measured | limit | from |", "|---|---:|---:|---|"]
    lines += [f"| {' | '.join(figure.row)} |" for figure in figures]
    return "\n".join([*lines, "", "; ".join(f"{name} {value}" for name, value in machine.items()) + "."]) + "\n"


def show(figures: Sequence[Figure], machine: Mapping[str, str]) -> None:
    """Print the same."""
    click.echo(markdown(figures, machine).replace(" **missed**", " MISSED"), nl=False)


def write_json(path: Path, figures: Sequence[Figure], machine: Mapping[str, str], rounds: Any) -> None:
    """All of it, with every single round."""
    found = {"figures": [{**asdict(figure), "met": figure.met} for figure in figures], "machine": dict(machine)}
    path.write_text(json.dumps({**found, "rounds": rounds}, indent=2) + "\n", encoding="utf-8")


def write_into(page: Path, name: str, text: str) -> None:
    """Put a text in place of the one between the marks `<!-- NAME -->` and `<!-- end of NAME -->` of a page."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise SystemExit(f"{page} has no marks for {name}")
    page.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")
