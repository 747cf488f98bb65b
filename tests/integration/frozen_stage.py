"""A stage that is stopped (SIGSTOP) after it has made sure of its lease, right before it acts: the worst moment.

    python frozen_stage.py Engine.remove_container deploy-colour pipelines/shop.yaml
    python frozen_stage.py InstallSite switch-nginx pipelines/shop.yaml

says `frozen` and stops before the first call of that method of an engine, or before the first step of that kind.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from jenkinsgen import cli
from jenkinsgen.edge.docker.engine import Engine
from jenkinsgen.stages.perform.actions import Actions

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    name, *arguments = sys.argv[1:]
    method = name.removeprefix("Engine.")
    if method != name:
        _wrap(Engine, method, lambda _arguments: True)
    else:
        for each in [each for each in vars(Actions) if each.startswith("_on_")]:
            _wrap(Actions, each, lambda arguments: any(type(one).__name__ == name for one in arguments))
    sys.argv = ["jenkinsgen", *arguments]
    cli.main()


def _wrap(owner: Any, name: str, now: Callable[[tuple[Any, ...]], bool]) -> None:
    original = getattr(owner, name)

    def wrapped(self: Any, *arguments: Any, **options: Any) -> Any:
        if not frozen and now(arguments):
            frozen.append(name)
            print("frozen", flush=True)  # noqa: T201
            os.kill(os.getpid(), signal.SIGSTOP)
        return original(self, *arguments, **options)

    setattr(owner, name, wrapped)


frozen: list[str] = []
main()
