"""The state of the NGINX host, as it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from jenkinsgen.nginx.mark import is_as_written, owner_of
from jenkinsgen.nginx.site import Serving, flag_folder, read_upstreams, site_path
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.nginx.layout import Layout
    from jenkinsgen.nginx.split import Upstreams
    from jenkinsgen.spec.pipeline import Pipeline

Root = Literal["yes", "sudo", "no"]
"""May the user change files of root's?"""
Flags = Literal["writable", "readonly", "absent"]
"""The folder of the flag."""


@dataclass(frozen=True, slots=True)
class NginxState:
    """NGINX as a deployment finds it.

    `live` is the colour that gets the traffic, None when NGINX does not know the service yet.
    """

    live: Colour | None
    site_text: str | None
    version: str
    user: str
    root: Root
    flags: Flags
    missing: tuple[str, ...] = ()
    """Prepared files (mode reload) that are not there."""
    prepared: tuple[str, ...] = ()
    """The texts of both, where the site file is not there yet and root may be asked."""
    serving: Serving | None = None
    """The answer of NGINX itself; None when it does not know the service, and in mode reload."""
    doubts: tuple[str, ...] = ()
    """Why a switch could not be proven (mode reload), a sentence each."""
    others: Mapping[str, NginxState] = field(default_factory=dict)
    """The states of `nginx.others`, by the names that plans give them."""
    address: str = ""
    """Its own, at which it was reached by SSH; empty when sshd does not say."""
    layout: Layout | None = None
    """All that NGINX loads: looked at where it does not know the service (mode flag), and root may be asked."""

    @property
    def upstreams(self) -> Upstreams | None:
        return read_upstreams(self.site_text) if self.site_text is not None else None

    @property
    def owner(self) -> str | None:
        """The service that the site file says it is of; None when jenkinsgen did not write it."""
        return owner_of(self.site_text or "")

    @property
    def edited(self) -> bool:
        """Was the file edited since jenkinsgen wrote it? NGINX may still answer by a file that has lost our mark."""
        ours = self.owner is not None or self.serving is not None
        return ours and self.site_text is not None and not is_as_written(self.site_text)


def observe_arguments(pipeline: Pipeline) -> tuple[str, str, str, str, str]:
    """The arguments of observe.sh."""
    prepared = pipeline.nginx.prepared
    return (
        flag_folder(pipeline),
        site_path(pipeline),
        prepared.green if prepared else "",
        prepared.blue if prepared else "",
        pipeline.nginx.container or "",
    )


def read_observation(output: str, pipeline: Pipeline, serving: Serving | None) -> NginxState:
    """Parse what observe.sh printed, together with what NGINX answered. Raises ValueError."""
    facts, separator, site = output.partition("\nsite\n")
    if not separator and facts.endswith("\nsite"):
        facts, site, separator = facts.removesuffix("\nsite"), "", "site"
    lines = [line.partition(" ") for line in facts.splitlines()]
    found = {key: value for key, _, value in lines}
    if pipeline.nginx.mode == "reload":
        same = [value for key, _, value in lines if key == "prepared"]
        live = Colour(same[0]) if len(same) == 1 else None
    else:
        live = serving.colour if serving else None
    return NginxState(
        live=live,
        site_text=site if separator else None,
        version=found.get("version", ""),
        user=found.get("user", ""),
        root=_one_of(get_args(Root), found, "root"),
        flags=_one_of(get_args(Flags), found, "flags"),
        missing=tuple(value for key, _, value in lines if key == "missing"),
        serving=serving,
        address=found.get("address", ""),
    )


def _one_of(words: tuple[str, ...], found: Mapping[str, str], key: str) -> Any:
    if found.get(key) not in words:
        raise ValueError(f"{key} is {found.get(key)!r}, and not one of {', '.join(words)}")
    return found[key]
