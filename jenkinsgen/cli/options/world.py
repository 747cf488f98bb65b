"""Which world a sandbox is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jenkinsgen.sandbox.world import ENGINES, RELEASES

if TYPE_CHECKING:
    from collections.abc import Callable

_RELEASE = click.option(
    "--release", type=click.Choice(RELEASES), help="Debian on every host; bookworm for a new sandbox."
)
_ENGINE = click.option(
    "--engine", type=click.Choice(ENGINES), help="What the app servers run containers with; docker for a new sandbox."
)


def world_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--release` and `--engine`."""
    return _RELEASE(_ENGINE(command))
