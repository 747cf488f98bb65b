"""The kinds of value that a spec is made of: durations, sizes, addresses, texts, paths.

Each is checked once, here, so that the rest of the program can put it into Groovy, a command line or an
NGINX file without a second thought. A pattern that looks strict keeps text from becoming code.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StringConstraints, WithJsonSchema

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
BYTES = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
LONGEST = 30 * SECONDS["d"]
_SIZE = re.compile(r"([0-9]{1,15})([bkmgBKMG])")
# RFC 1035; a lookup of a longer one fails before any name server is asked, because it cannot be written.
_LONGEST_LABEL = 63
_HOST = re.compile(
    r"(?:(?P<user>[A-Za-z_][A-Za-z0-9._-]*)@)?"
    r"(?P<name>\[[0-9A-Fa-f:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
# XML, which is how Jenkins keeps a job, has no U+FFFE and U+FFFF either; to Groovy U+FFFF is the end of the file.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
MAX_PORT = 65535
# A constant of a Java class file: 65,535 bytes of the JVM's own UTF-8.
MAX_TEXT_BYTES = 65_535


def parse_duration(value: Any) -> float:
    """`100s`, `2m`, `1.5h`, `200ms` -> seconds."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a duration; write a number with a unit: 200ms, 100s, 2m, 1h, 7d")
    seconds = float(match[1]) * SECONDS[match[2]]
    if seconds > LONGEST:
        raise ValueError(f"is longer than {show_duration(LONGEST)}, the most that makes sense here")
    return seconds


def show_duration(seconds: float) -> str:
    """Seconds -> the shortest text that `parse_duration` reads back: 100s, 2m, 200ms."""
    for unit in ("d", "h", "m", "s"):
        if seconds >= SECONDS[unit] and seconds % SECONDS[unit] == 0:
            return f"{seconds / SECONDS[unit]:.0f}{unit}"
    if seconds == 0:
        return "0s"
    return f"{seconds * 1000:.0f}ms"


def _size(value: Any) -> int:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a size; write a whole number with a unit: 700m, 2g")
    return int(match[1]) * BYTES[match[2].lower()]


class HostAddress(NamedTuple):
    """Where SSH connects to: `ubuntu@192.0.2.11`, `app1.example.com:2222`, `deploy@[2001:db8::11]`."""

    name: str
    user: str | None = None
    port: int = 22

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        name = f"[{self.name}]" if ":" in self.name else self.name
        port = f":{self.port}" if self.port != 22 else ""  # noqa: PLR2004 - SSH's own port
        return f"{user}{name}{port}"


def parse_host(value: Any) -> HostAddress:
    """`user@host:port` -> its parts; user and port may be left out."""
    match = _HOST.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a host; write user@address, like ubuntu@192.0.2.11")
    port = int(match["port"] or 22)
    if not 1 <= port <= MAX_PORT:
        raise ValueError(f"{value!r}: {port} is not a port; 1 to {MAX_PORT} are")
    name = match["name"].strip("[]")
    if ":" in name or not name.strip("0123456789."):
        try:
            ipaddress.ip_address(name)
        except ValueError:
            raise ValueError(f"{value!r}: {name} is not an IP address") from None
    elif not all(0 < len(label) <= _LONGEST_LABEL for label in name.split(".")):
        raise ValueError(f"{value!r}: between the dots of a name are 1 to {_LONGEST_LABEL} characters")
    return HostAddress(name, match["user"], port)


def bare_address(value: Any) -> str:
    """A host without user and port: `192.0.2.11`, `app1.example.com`, `[2001:db8::11]`."""
    host = parse_host(value)
    if host != HostAddress(host.name):
        raise ValueError(f"{value!r} must be an address alone; the port is the one of service.ports")
    return host.name


def _carried(value: str) -> str:
    """Text that Groovy, a process environment and Jenkins' XML all carry unchanged."""
    match = _CONTROL.search(value)
    if match:
        raise ValueError(f"holds the character U+{ord(match[0]):04X}, which Jenkins cannot carry")
    try:
        # The JVM keeps a character beyond U+FFFF as two surrogates of three bytes each.
        size = sum(6 if character > "\uffff" else len(character.encode()) for character in value)
    except UnicodeEncodeError:
        raise ValueError("holds half of a surrogate pair, which is no character") from None
    if size > MAX_TEXT_BYTES:
        raise ValueError(f"is {size:,} bytes long; {MAX_TEXT_BYTES:,} is the most that a Groovy string carries")
    return value


def _one_line(value: str) -> str:
    if "\n" in value:
        raise ValueError("is more than one line")
    return _carried(value)


def _relative_path(value: str) -> str:
    if value.startswith(("/", "~")) or ".." in value.split("/"):
        raise ValueError(f"{value!r} leaves the checked-out repository; write a path inside it")
    return value


def _glob_path(value: str) -> str:
    parts = value.split("/")
    if any("**" in part and part != "**" for part in parts) or parts[-1] in ("", ".", "**"):
        raise ValueError(f"{value!r} is not a pattern for one file; write one like target/shop-*.jar")
    return value


def _some_code(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; leave `build` out if there is nothing to do")
    return value


def _not_at_once(value: float) -> float:
    if value < 1:
        raise ValueError("must be at least 1s")
    return value


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(show_duration),
    WithJsonSchema({"type": "string", "pattern": rf"^{_DURATION.pattern}$", "examples": ["200ms", "100s", "2m"]}),
]
"""Seconds."""

Timeout = Annotated[Duration, AfterValidator(_not_at_once)]
"""Seconds, at least one."""

Size = Annotated[
    int,
    BeforeValidator(_size),
    WithJsonSchema({"type": "string", "pattern": rf"^{_SIZE.pattern}$", "examples": ["700m", "2g"]}),
]
"""Bytes."""

Host = Annotated[
    HostAddress,
    BeforeValidator(parse_host),
    PlainSerializer(HostAddress.__str__),
    # JSON Schema has JavaScript's patterns, which write the names of groups in another way.
    WithJsonSchema(
        {
            "type": "string",
            "pattern": re.sub(r"\?P<\w+>", "?:", f"^{_HOST.pattern}$"),
            "examples": ["ubuntu@192.0.2.11", "deploy@app1.example.com:2222"],
        }
    ),
]

Line = Annotated[str, StringConstraints(min_length=1), AfterValidator(_one_line)]
"""Free text of one line."""

Text = Annotated[str, AfterValidator(_carried)]
"""Free text; newlines and tabs are welcome, other control characters cannot be carried."""

RelativePath = Annotated[
    str, StringConstraints(min_length=1), AfterValidator(_one_line), AfterValidator(_relative_path)
]
"""A path inside the checked-out repository."""

GlobPath = Annotated[RelativePath, AfterValidator(_glob_path)]
"""A path inside the checked-out repository, with `*`, `?` and `**`."""

Code = Annotated[Text, AfterValidator(_some_code)]
"""Text for a shell."""
