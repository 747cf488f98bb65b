"""The NGINX in front of the servers."""

from __future__ import annotations

from posixpath import normpath
from typing import Annotated, Literal

from pydantic import BeforeValidator, model_validator

from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.names import (
    AbsolutePath,
    ContainerName,
    HeaderName,
    Network,
    NginxBuffers,
    NginxSize,
    NginxTime,
    ServerName,
)
from jenkinsgen.spec.section import ProblemAt, Section, as_tuple
from jenkinsgen.spec.values import Host


class Proxy(Section):
    """Limits of NGINX for this service; NGINX's own defaults without them."""

    buffer_size: NginxSize | None = None
    """`proxy_buffer_size`; NGINX's own default without it."""
    buffers: NginxBuffers | None = None
    """`proxy_buffers`."""
    busy_buffers_size: NginxSize | None = None
    """`proxy_busy_buffers_size`."""
    read_timeout: NginxTime | None = None
    """`proxy_read_timeout`."""
    body_size: NginxSize | None = None
    """`client_max_body_size`: the largest request body."""


class Prepared(Section):
    """Mode reload: the site files of the team, one for each colour, on the NGINX host."""

    green: AbsolutePath
    """Mode reload: the team's site file for green, on the NGINX host."""
    blue: AbsolutePath
    """Mode reload: the team's site file for blue, on the NGINX host."""

    def of(self, colour: Colour) -> str:
        return self.green if colour is Colour.GREEN else self.blue


class Nginx(Section):
    """The NGINX in front of the servers."""

    host: Host
    """How the agent logs in."""
    others: Annotated[tuple[Host, ...], BeforeValidator(as_tuple)] = ()
    """Further NGINX hosts in front of the same servers, each with the same site file: all of them switch, or none.
    `host` keeps the lease, the journal and the history.
    """
    container: ContainerName | None = None
    """The Docker container that NGINX runs in, on each of its hosts (docs/nginx.md). In none without it."""
    mode: Literal["flag", "reload"] = "flag"
    """`flag`: jenkinsgen writes the site file, and a switch is one file that comes or goes; nothing is reloaded.
    `reload`: you keep your own NGINX file, in two copies that differ in the port; each switch swaps them and reloads
    NGINX.
    """
    server_name: ServerName
    """Which requests are this service's. Health checks send it as `Host`, too (for `_`, the name of `host`)."""
    certificate: AbsolutePath | None = None
    """On the NGINX host; with it NGINX listens on 443, without it on 80."""
    certificate_key: AbsolutePath | None = None
    """Goes with `certificate`, on the NGINX host, too."""
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(as_tuple)] = ()
    """Load balancers in front of NGINX that end TLS, as addresses or networks (`10.0.0.0/8`). A client's address, and
    whether it came by https, is what they say; what anybody else claims is not believed (docs/nginx.md).
    """
    trusted_header: HeaderName | None = None
    """In which header the trusted proxies give the address of the client; `X-Forwarded-For` without it."""
    proxy: Proxy = Proxy()
    site: AbsolutePath | None = None
    """The file that NGINX includes; `/etc/nginx/conf.d/jenkinsgen-SERVICE.conf` without it. Required in mode reload."""
    prepared: Prepared | None = None
    unproven: Literal["refuse", "accept"] = "refuse"
    """Mode reload: what to do when the prepared files, or NGINX, do not let a switch be proven (docs/nginx.md).
    `refuse` before anything is built; `accept`, and say what is not known.
    """

    @model_validator(mode="after")
    def _consistent(self) -> Nginx:
        if (self.certificate is None) != (self.certificate_key is None):
            given, absent = (
                ("certificate", "certificate_key") if self.certificate else ("certificate_key", "certificate")
            )
            raise ProblemAt(f"needs {absent} beside it", (given,))
        if self.mode == "reload" and (self.prepared is None or self.site is None):
            raise ProblemAt(
                "reload needs `prepared` (the team's two site files) and `site` (the file that NGINX includes)",
                ("mode",),
            )
        if self.mode == "reload" and self.others:
            raise ProblemAt("needs `mode: flag`: reloads on several hosts are not one moment", ("others",))
        for index, other in enumerate(self.others):
            if other.name in (self.host.name, *(each.name for each in self.others[:index])):
                raise ProblemAt(f"{other.name} is here twice", ("others", index))
        if self.mode == "flag" and self.prepared is not None:
            raise ProblemAt("belongs to `mode: reload`; in mode flag jenkinsgen writes the site file", ("prepared",))
        if self.mode == "flag" and "unproven" in self.model_fields_set:
            raise ProblemAt("belongs to `mode: reload`; in mode flag every switch is proven", ("unproven",))
        return self

    @model_validator(mode="after")
    def _trusts_somebody(self) -> Nginx:
        if self.mode == "reload" and self.trusted_proxies:
            raise ProblemAt("says nothing in mode reload: it is for the team's own files to say", ("trusted_proxies",))
        if self.trusted_header and not self.trusted_proxies:
            raise ProblemAt("says nothing without `trusted_proxies`", ("trusted_header",))
        if len(set(self.trusted_proxies)) < len(self.trusted_proxies):
            raise ProblemAt("has a network twice", ("trusted_proxies",))
        return self

    @property
    def scheme(self) -> Literal["http", "https"]:
        """What the application is told of how its users come: a balancer that is trusted ends their TLS."""
        return "https" if self.certificate or self.trusted_proxies else "http"

    @model_validator(mode="after")
    def _own_files_are_three(self) -> Nginx:
        """Mode reload: what the team's own files cannot be, and what is in them already."""
        prepared = self.prepared
        if self.mode != "reload" or prepared is None:
            return self
        for colour in Colour:
            if normpath(prepared.of(colour)) == normpath(self.site or ""):
                raise ProblemAt(
                    "is the site file itself, which each switch overwrites; a prepared file stays as it is elsewhere",
                    ("prepared", str(colour)),
                )
        if normpath(prepared.green) == normpath(prepared.blue):
            raise ProblemAt("is green's file too, so no switch would change anything", ("prepared", "blue"))
        limits = [name for name in Proxy.model_fields if getattr(self.proxy, name) is not None]
        if limits:
            raise ProblemAt("says nothing in mode reload: limits are in the team's own files", ("proxy", limits[0]))
        return self

    @property
    def host_header(self) -> str:
        """A Host that this server answers to."""
        return self.host_for(self.server_name)

    def host_for(self, server_name: str) -> str:
        """A Host that a server of this name answers to, and that a client could send.

        For `*.example.com` one name under it. For `_`, which application servers refuse as a Host, the name of the
        NGINX host: clients reach a server without a name by its host's.
        """
        if server_name == "_":
            return f"[{self.host.name}]" if ":" in self.host.name else self.host.name
        return server_name.replace("*", "jenkinsgen", 1)

    @property
    def port(self) -> int:
        return 443 if self.certificate else 80
