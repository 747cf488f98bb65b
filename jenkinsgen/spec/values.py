"""The kinds of value that a spec is made of: durations, sizes, names, addresses.

Each is checked once, here, so that the rest of the program can put it into Groovy, a command line or an
NGINX file without a second thought. A pattern that looks strict keeps text from becoming code.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StringConstraints, WithJsonSchema

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
BYTES = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+)([bkmg])", re.IGNORECASE)
_HOST = re.compile(
    r"(?:(?P<user>[A-Za-z_][A-Za-z0-9._-]*)@)?"
    r"(?P<name>\[[0-9A-Fa-f:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
    r"(?::(?P<port>\d{1,5}))?"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
MAX_PORT = 65535
# A constant of a Java class file: 65,535 bytes of the JVM's own UTF-8.
MAX_TEXT_BYTES = 65_535


def parse_duration(value: Any) -> float:
    """`100s`, `2m`, `1.5h`, `200ms` -> seconds."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a duration; write a number with a unit: 200ms, 100s, 2m, 1h, 7d")
    return float(match[1]) * SECONDS[match[2]]


def show_duration(seconds: float) -> str:
    """Seconds -> the shortest text that `parse_duration` reads back: 100s, 2m, 200ms."""
    for unit in ("d", "h", "m", "s"):
        if seconds >= SECONDS[unit] and seconds % SECONDS[unit] == 0:
            return f"{seconds / SECONDS[unit]:.0f}{unit}"
    return f"{seconds * 1000:.0f}ms"


def _duration(value: Any) -> float:
    # A default is given in seconds; what comes from a file is text.
    return value if isinstance(value, float) else parse_duration(value)


def _size(value: Any) -> int:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a size; write a whole number with a unit: 700m, 2g")
    return int(match[1]) * BYTES[match[2].lower()]


class HostAddress(NamedTuple):
    """Where SSH connects to: `ubuntu@10.0.0.11`, `app1.example.com:2222`, `deploy@[fd00::11]`."""

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
        raise ValueError(f"{value!r} is not a host; write user@address, like ubuntu@10.0.0.11")
    port = int(match["port"] or 22)
    if not 1 <= port <= MAX_PORT:
        raise ValueError(f"{port} is not a port")
    return HostAddress(match["name"].strip("[]"), match["user"], port)


def _host(value: Any) -> HostAddress:
    return value if isinstance(value, HostAddress) else parse_host(value)


def _carried(value: str) -> str:
    """Text that Groovy, a process environment and Jenkins' XML all carry unchanged."""
    match = _CONTROL.search(value)
    if match:
        raise ValueError(f"holds the control character U+{ord(match[0]):04X}, which cannot be carried")
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


def _matching(pattern: str, means: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"{value!r} is not {means}")
        return value

    return AfterValidator(check)


Duration = Annotated[
    float,
    BeforeValidator(_duration),
    PlainSerializer(show_duration),
    WithJsonSchema({"type": "string", "pattern": rf"^{_DURATION.pattern}$", "examples": ["200ms", "100s", "2m"]}),
]
"""Seconds."""

Size = Annotated[
    int,
    BeforeValidator(_size),
    WithJsonSchema({"type": "string", "pattern": r"^\d+[bkmgBKMG]$", "examples": ["700m", "2g"]}),
]
"""Bytes."""

Host = Annotated[
    HostAddress,
    BeforeValidator(_host),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["ubuntu@10.0.0.11", "deploy@app1.example.com:2222"]}),
]

Line = Annotated[str, StringConstraints(min_length=1), AfterValidator(_one_line)]
"""Free text of one line."""

Text = Annotated[str, AfterValidator(_carried)]
"""Free text; newlines and tabs are welcome, other control characters cannot be carried."""

RelativePath = Annotated[
    str, StringConstraints(min_length=1), AfterValidator(_one_line), AfterValidator(_relative_path)
]
"""A path inside the checked-out repository."""

# docs.docker.com, "reference" grammar of distribution: lower-case components, a registry may have a port.
Repository = Annotated[
    str,
    _matching(
        r"(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?/)?"
        r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*",
        "an image repository without a tag, like registry.example.com:5000/shop (lower case)",
    ),
]

ServiceName = Annotated[
    str,
    _matching(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", "a service name: lower-case letters, digits and single hyphens"),
    StringConstraints(max_length=40),
]

VariableName = Annotated[
    str,
    _matching(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable: letters, digits and underscores"),
]

CredentialId = Annotated[
    str,
    _matching(
        r"[A-Za-z0-9_.-]+",
        "the id of a Jenkins credential: letters, digits, hyphens, underscores and dots (never a secret)",
    ),
]

UrlPath = Annotated[
    str, _matching(r"/[A-Za-z0-9._~/?=&%+,:@-]*", "a path of a URL; it begins with / and has no blanks")
]

ServerName = Annotated[
    str,
    _matching(r"(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", "a server name, like api.example.com"),
]

AbsolutePath = Annotated[
    str,
    _matching(r"/[A-Za-z0-9._/@+-]*[A-Za-z0-9._@+-]", "an absolute path of letters, digits and . _ - @ + /"),
]

NginxSize = Annotated[str, _matching(r"[1-9]\d*[kKmM]?", "a size as NGINX writes it: 8k, 10m")]
NginxBuffers = Annotated[str, _matching(r"[1-9]\d* [1-9]\d*[kKmM]?", "a number and a size, as NGINX writes it: 4 256k")]
NginxTime = Annotated[str, _matching(r"[1-9]\d*(?:ms|s|m|h)", "a time as NGINX writes it: 60s, 5m")]


def _volume(value: str) -> str:
    parts = value.split(":")
    if len(parts) not in (2, 3) or not all(parts) or (len(parts) == 3 and parts[2] not in ("ro", "rw")):  # noqa: PLR2004
        raise ValueError(f"{value!r} is not a volume; write /path/on/server:/path/in/container, with :ro to protect it")
    if not parts[1].startswith("/"):
        raise ValueError(f"{parts[1]!r} is the path in the container; it begins with /")
    if not parts[0].startswith("/") and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]+", parts[0]):
        raise ValueError(f"{parts[0]!r} is neither an absolute path on the server nor the name of a volume")
    return value


Volume = Annotated[Line, AfterValidator(_volume)]
