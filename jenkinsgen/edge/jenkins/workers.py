"""A few requests at a time: one client per worker, and no more workers than a controller likes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from jenkinsgen.edge.jenkins.server import JenkinsServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings

WORKERS = 4

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def on_each(
    settings: JenkinsSettings, items: Iterable[_Item], work: Callable[[JenkinsServer, _Item], _Result]
) -> list[_Result]:
    """`work` on every item, results in the order of the items. What `work` raises ends it all."""
    own = threading.local()

    def call(item: _Item) -> _Result:
        if not hasattr(own, "server"):
            own.server = JenkinsServer(settings)
        return work(own.server, item)

    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="jenkins")
    try:
        return list(pool.map(call, items))
    finally:
        pool.shutdown(cancel_futures=True)
