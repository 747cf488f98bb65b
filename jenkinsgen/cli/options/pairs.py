"""Options of the form NAME=VALUE, each of which may be given many times."""

from __future__ import annotations

import click


def read_pairs(_context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """A click callback: the values by their names; the last one of a name counts."""
    found: dict[str, str] = {}
    for each in values:
        name, separator, value = each.partition("=")
        if not separator or not name:
            raise click.BadParameter(f"{each!r} is not NAME=VALUE", param=parameter)
        found[name] = value
    return found
