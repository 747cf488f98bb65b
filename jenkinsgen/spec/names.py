"""Names and other words that must look like what they name, so that none can become code.

A pattern that looks strict is what lets the rest of the program put a value into Groovy, a command line or
an NGINX file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from jenkinsgen.spec.values import Line

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler


_CREDENTIAL_ID = "[A-Za-z0-9_.-]+"


def _credential_id(value: str) -> str:
    if not re.fullmatch(_CREDENTIAL_ID, value):
        # Without the value: who misunderstood the key wrote a secret here.
        raise ValueError("is not the id of a Jenkins credential: letters, digits and - _ . (never the secret itself)")
    return value


@dataclass(frozen=True, slots=True)
class _Matching:
    """Checks a whole text against a pattern, which the JSON Schema shows, too."""

    pattern: str
    means: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}

    def _check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            raise ValueError(f"{value!r} is not {self.means}")
        return value


# docs.docker.com, "reference" grammar of distribution: lower-case components, a registry may have a port.
Repository = Annotated[
    str,
    _Matching(
        r"(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?/)?"
        r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*",
        "an image repository without a tag, like registry.example.com:5000/shop (lower case)",
    ),
]

ServiceName = Annotated[
    str,
    _Matching(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", "a service name: lower-case letters, digits and single hyphens"),
    StringConstraints(max_length=40),
]

# RFC 1123; the kernel takes 64 characters.
HostName = Annotated[
    str,
    _Matching(
        r"(?=.{1,63}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*",
        "a host name of letters, digits, hyphens and dots, of 63 characters at most",
    ),
]

VariableName = Annotated[
    str,
    _Matching(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable: letters, digits and underscores"),
]

CredentialId = Annotated[
    str, AfterValidator(_credential_id), WithJsonSchema({"type": "string", "pattern": f"^{_CREDENTIAL_ID}$"})
]

UrlPath = Annotated[
    str, _Matching(r"/[A-Za-z0-9._~/?=&%+,:@-]*", "a path of a URL; it begins with / and has no blanks")
]

HttpUrl = Annotated[
    str,
    _Matching(
        r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?",
        "an http or https URL without user, query and fragment",
    ),
]

ServerName = Annotated[
    str,
    _Matching(r"(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?", "a server name, like api.example.com"),
]

AbsolutePath = Annotated[
    str,
    _Matching(r"/[A-Za-z0-9._/@+-]*[A-Za-z0-9._@+-]", "an absolute path of letters, digits and . _ - @ + /"),
]

# Names that NGINX can use in a variable: $http_… and $cookie_….
HeaderName = Annotated[str, _Matching(r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?", "the name of a header, like X-Canary")]
CookieName = Annotated[
    str, _Matching(r"[A-Za-z_][A-Za-z0-9_]*", "the name of a cookie that NGINX can read: letters, digits, underscores")
]

ContainerName = Annotated[
    str, _Matching(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*", "the name of a container: letters, digits and _ . -")
]


def _network(value: str) -> str:
    try:
        network = ip_network(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no address and no network, like 10.0.0.0/8: {error}") from None
    if network.prefixlen == 0:
        raise ValueError(f"{value!r} is everybody, and anybody can claim to be any client; name the proxies' network")
    return str(network)


Network = Annotated[str, AfterValidator(_network)]

NginxSize = Annotated[str, _Matching(r"[1-9][0-9]*[kKmM]?", "a size as NGINX writes it: 8k, 10m")]
NginxBuffers = Annotated[
    str, _Matching(r"[1-9][0-9]* [1-9][0-9]*[kKmM]?", "a number and a size, as NGINX writes it: 4 256k")
]
NginxTime = Annotated[str, _Matching(r"[1-9][0-9]*(?:ms|s|m|h)", "a time as NGINX writes it: 60s, 5m")]


ImageReference = Annotated[
    str,
    _Matching(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*", "the name of an image, like registry.example.com/ci/jenkinsgen:1.2.0"),
]

Version = Annotated[
    str,
    _Matching(r"[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc)[0-9]+)?", "one version, like 1.2.0 (a range would change by itself)"),
]


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
