"""Which server blocks NGINX has, and from where it includes files: in the order in which it reads them."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from jenkinsgen.nginx.configuration import parse_configuration

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from jenkinsgen.nginx.configuration import Directive

CONFIGURATION = "/etc/nginx"
ANY, LOOPBACK = "*", "127.0.0.1"
MAX_DEPTH = 50
# `listen` without a directive, as root.
_DEFAULT_PORT = 80
_HTTP, _SERVER, _UPSTREAM = ("http",), ("http", "server"), ("http", "upstream")
# Directives of a server block that does nothing but hand all requests on; one that asks for a password does more.
_HANDS_ON = re.compile(
    r"proxy_(?!store|cache|intercept)\w+|ssl_(?!client|verify)\w+|(access|error)_log|client_max_body_size|http2"
)


@dataclass(frozen=True, slots=True)
class Listen:
    """One `listen`. `address` is as it was written: `*`, `127.0.0.1`, `[::]`, a name."""

    address: str
    ports: range
    options: frozenset[str] = frozenset()

    @property
    def loopback(self) -> bool:
        """Do requests to 127.0.0.1 arrive here?"""
        return self.everywhere or self.address in {LOOPBACK, "localhost"}

    @property
    def everywhere(self) -> bool:
        """All addresses of IPv4?"""
        return self.address in {ANY, "0.0.0.0"}  # noqa: S104 - read, not bound


@dataclass(slots=True)
class ServerBlock:
    """A `server` of `http`, with the names and places that it answers to."""

    file: str
    line: int
    names: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    """The paths of `location = PATH`."""
    listed: list[tuple[str, ...]] = field(default_factory=list)
    """The arguments of each `listen`."""
    passes: set[str] = field(default_factory=set)
    """The targets of `location /`: the name of an upstream, or `host:port`."""
    more: bool = False
    """Does it do anything with requests besides?"""

    @property
    def listens(self) -> list[Listen]:
        found = [_listen(arguments) for arguments in self.listed or [(str(_DEFAULT_PORT),)]]
        return [listen for listen in found if listen is not None]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Include:
    """An `include`, with the names of the blocks that it stands in."""

    pattern: str
    inside: tuple[str, ...]
    where: str

    def leads_to(self, path: str) -> bool:
        # `*` does not reach into folders, as in glob(3).
        return self.pattern.count("/") == path.count("/") and fnmatchcase(path, self.pattern)


@dataclass(frozen=True, slots=True)
class Layout:
    """All that NGINX loads."""

    servers: tuple[ServerBlock, ...]
    includes: tuple[Include, ...]
    files: frozenset[str]
    upstreams: Mapping[str, tuple[str, ...]]
    """The `host:port` of the servers of each upstream."""

    def reads_before(self, one: str, other: str) -> bool:
        """Does NGINX read a file before another one, which need not be there yet?"""
        first = [index for index, each in enumerate(self.includes) if each.leads_to(one)]
        second = [index for index, each in enumerate(self.includes) if each.leads_to(other)]
        return bool(first) and bool(second) and (first[0], one) < (second[0], other)

    def leads_only_to(self, server: ServerBlock, endpoints: Collection[str]) -> bool:
        """Is all that a server block does that it hands every request on to these?"""
        reached = [each for name in server.passes for each in self.upstreams.get(name, (name,))]
        return not server.more and bool(reached) and set(reached) <= set(endpoints)


def read_layout(files: Mapping[str, str]) -> Layout | None:
    """The layout of the files that NGINX loads, the first of which is its own; None where they make no sense."""
    if not files:
        return None
    walk = _Walk(files)
    try:
        walk.file(next(iter(files)), (), 0)
    except ValueError:
        return None
    upstreams = {name: tuple(servers) for name, servers in walk.upstreams.items()}
    return Layout(tuple(walk.servers), tuple(walk.includes), frozenset(files), upstreams)


def read_servers(text: str, path: str = "") -> tuple[ServerBlock, ...]:
    """The server blocks of a site file by itself; none where it cannot be read."""
    walk = _Walk({path: text})
    try:
        walk.file(path, _HTTP, 0)
    except ValueError:
        return ()
    return tuple(walk.servers)


class _Walk:
    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self.servers: list[ServerBlock] = []
        self.upstreams: dict[str, list[str]] = {}
        self.includes: list[Include] = []

    def file(self, path: str, around: tuple[str, ...], depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ValueError(f"{path}: files in files, more than {MAX_DEPTH}")
        for each in parse_configuration(self._files[path]):
            inside = (*around, *(head[0] for head in each.inside))
            if each.name == "include" and len(each.words) > 1:
                self._include(each, path, inside, depth)
            elif inside == _HTTP and each.name == "server":
                self.servers.append(ServerBlock(path, each.line))
            elif inside == _UPSTREAM and each.name == "server" and each.inside:
                self.upstreams.setdefault(each.inside[-1][1], []).append(each.words[1])
            elif inside[:2] == _SERVER and self.servers:
                _say(self.servers[-1], each, inside)

    def _include(self, directive: Directive, path: str, inside: tuple[str, ...], depth: int) -> None:
        include = Include(posixpath.join(CONFIGURATION, directive.words[1]), inside, f"{path}:{directive.line}")
        self.includes.append(include)
        for file in sorted(self._files):
            if include.leads_to(file):
                self.file(file, inside, depth + 1)


def _say(server: ServerBlock, directive: Directive, inside: tuple[str, ...]) -> None:
    """Add what a directive of a server block says to what is known of the block."""
    match directive.words:
        case ("server_name", *names) if inside == _SERVER:
            server.names.extend(name.lower() for name in names)
        case ("listen", *arguments) if inside == _SERVER:
            server.listed.append(tuple(arguments))
        case ("location", "=", path) if inside == _SERVER:
            server.paths.add(path)
            server.more = True
        case ("location", "/") if inside == _SERVER:
            pass
        case ("proxy_pass", url):
            server.passes.add(re.sub(r"^http://([^/]*)/?$", r"\1", url))
        case (name, *_) if not _HANDS_ON.fullmatch(name):
            server.more = True


def _listen(arguments: tuple[str, ...]) -> Listen | None:
    """Parse a `listen`; None for a Unix socket."""
    if not arguments or arguments[0].startswith("unix:"):
        return None
    match = re.fullmatch(r"(?:(\[[^\]]*\]|[^:\[\]]*?):)?([0-9]{1,5})(?:-([0-9]{1,5}))?", arguments[0])
    options = frozenset(arguments[1:])
    if match is None:
        return Listen(arguments[0].lower(), range(_DEFAULT_PORT, _DEFAULT_PORT + 1), options)
    first, last = int(match[2]), int(match[3] or match[2])
    return Listen((match[1] or ANY).lower(), range(first, last + 1), options)


def shared_names(one: ServerBlock, other: ServerBlock) -> Iterator[tuple[str, int]]:
    """Each name that both have on a port of both. NGINX tells equal names apart by nothing."""
    ports = {port for each in one.listens for port in each.ports}
    common = sorted(port for port in ports if any(port in each.ports for each in other.listens))
    names = _spelt(one.names) & _spelt(other.names)
    return ((name, port) for name in sorted(names) for port in common)


def conflicting_names(one: ServerBlock, other: ServerBlock) -> Iterator[tuple[str, int]]:
    """Each name that both have on a port of one address: NGINX itself drops one of the two there."""
    ports = {port for _, port in _doors(one) & _doors(other)}
    return ((name, port) for name, port in shared_names(one, other) if port in ports)


def _doors(server: ServerBlock) -> set[tuple[str, int]]:
    return {(ANY if each.everywhere else each.address, port) for each in server.listens for port in each.ports}


def _spelt(names: Sequence[str]) -> set[str]:
    """`.example.com` is two names in one."""
    return {spelt for name in names for spelt in ((name[1:], f"*{name}") if name.startswith(".") else (name,))}
