"""Batches of servers in the site file, and which of them is out of the traffic.

Each colour has, besides the upstream of all its servers, one for each batch that lacks it. While the file `out-2` lies
beside the flag, NGINX takes those without the second batch. So one file takes a batch out at one moment, without a
reload, for any request that comes later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.nginx.split import Split
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.rolling import batch_size, in_batches

if TYPE_CHECKING:
    from jenkinsgen.nginx.split import Upstreams
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.pipeline import Pipeline

OUT = "out"
_MARK = "# jenkinsgen batch "


def out_path(pipeline: Pipeline) -> str:
    """The URL path at which NGINX says which batch is out."""
    return f"/.jenkinsgen/{pipeline.service.name}/out"


@dataclass(frozen=True, slots=True)
class BatchValues:
    """Values for the template of the site file."""

    size: int
    """Servers in each batch."""
    count: int
    out: str
    """The file of a batch that is out, without its number."""
    out_path: str


def split_by_batch(pipeline: Pipeline, upstreams: Upstreams, folder: str) -> Split:
    """The servers of one batch may be out of the traffic; `folder` is that of the flag."""
    size = batch_size(pipeline)
    pools: dict[str, tuple[str, ...]] = {}
    for colour, servers in upstreams.items():
        pools[str(colour)] = servers
        for number, batch in enumerate(in_batches(servers, size), start=1):
            pools[f"{colour}_without_{number}"] = tuple(server for server in servers if server not in batch)
    count = len(in_batches(upstreams[Colour.GREEN], size))
    return Split(pools, parts={"batches": BatchValues(size, count, f"{folder}/{OUT}", out_path(pipeline))})


def batch_size_in(text: str) -> int | None:
    """How many servers the batches of a site file have; None when it knows no batches."""
    match = re.search(rf"^{_MARK}([1-9][0-9]{{0,5}})$", text, re.MULTILINE)
    return int(match[1]) if match else None


def installed_batches(nginx: NginxState) -> tuple[tuple[str, ...], ...]:
    """The live colour's batches in the installed file; none when that file knows no batches."""
    size = batch_size_in(nginx.site_text or "")
    if size is None or nginx.live is None or nginx.upstreams is None:
        return ()
    return in_batches(nginx.upstreams[nginx.live], size)


def batch_that_is_out(nginx: NginxState, out: int) -> tuple[str, ...]:
    """The upstreams of batch `out`; none for 0, and in a file that does not know it."""
    known = installed_batches(nginx)
    return known[out - 1] if 0 < out <= len(known) else ()


def gets_traffic(nginx: NginxState, out: int, upstream: str) -> bool:
    """Does NGINX send requests there, while batch `out` (0 for none) is out?"""
    if nginx.live is None or nginx.upstreams is None:
        return False
    return upstream in nginx.upstreams[nginx.live] and upstream not in batch_that_is_out(nginx, out)


def read_out(body: str) -> int | None:
    """The batch that NGINX names at `out_path`; None when another site answered."""
    match = re.fullmatch(r"out(?:_without_([0-9]{1,6}))?\s*", body)
    return int(match[1] or 0) if match else None
