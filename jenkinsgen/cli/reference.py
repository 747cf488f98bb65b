"""`jenkinsgen explain` and `jenkinsgen schema`: what a spec may say, for people and for editors."""

from __future__ import annotations

import difflib
import re
import textwrap
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.spec.reading.keys import Key, keys
from jenkinsgen.spec.reading.schema import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDTH = 100


@click.command()
@click.argument("key", required=False)
def explain(key: str | None) -> None:
    """Tell what a key of the spec means.

    Its kind and its default, too. KEY is one key, like service.health.timeout, or a section of keys, like service;
    all sections without it.
    """
    found = _under(_plain(key)) if key else [entry for entry in keys() if "." not in entry.path]
    if not found:
        raise click.UsageError(f"there is no key {key}; {_nearest(key or '')}")
    say("\n\n".join(map(_shown, found)))


@click.command()
def schema() -> None:
    """Print the JSON Schema of a spec, for editors.

    They complete and check a spec with it (docs/schema.md).
    """
    hand_over_json(schema_text(), nl=False)


def _plain(path: str) -> str:
    """Entries of lists have no names: servers[0].ssh, servers[].ssh and servers.ssh are one key."""
    return re.sub(r"\[[0-9]*\]", "", path).strip(".")


def _under(path: str) -> list[Key]:
    return [key for key in keys() if f"{_plain(key.path)}.".startswith(f"{path}.")]


def _nearest(path: str) -> str:
    known = [key.path for key in keys()]
    last = _plain(path).rpartition(".")[2]
    same_end = [name for name in known if name.rpartition(".")[2] == last]
    close = same_end or difflib.get_close_matches(_plain(path).lower(), known, n=3)
    return f"did you mean {_or(close)}?" if close else "`jenkinsgen explain` lists the sections"


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)


def _shown(key: Key) -> str:
    if key.required:
        without = "required"
    elif key.default is None:
        without = "optional"
    else:
        without = f"{str(key.default).lower() if isinstance(key.default, bool) else key.default} by default"
    meaning = textwrap.fill(key.meaning, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{key.path}: {key.kind.replace('`', '')}, {without}\n{meaning}"
