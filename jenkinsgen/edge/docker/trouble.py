"""Errors between us and a Docker engine, and what they mean."""

from __future__ import annotations

import json
import re

import docker.credentials.errors
import docker.errors
import paramiko
import requests
import urllib3.exceptions

# All that a broken connection is, in the words of the four libraries between us and the engine.
# (A ValueError, and the like, is none: it is an answer that cannot be read.)
TROUBLE = (
    docker.errors.DockerException,
    docker.credentials.errors.StoreError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    paramiko.SSHException,
    EOFError,
    OSError,
)


# The words of Docker, and of Podman, for an object that they do not have.
_GONE = re.compile(
    r"no such (container|image|service|task|node|exec)|(service|task|node) \S+ not found|image not known"
    # The engine says this to the second of two builds that remove the same layers at one moment.
    r"|unrecognized image ID",
    re.IGNORECASE,
)
# The words of Docker, and of Podman, for a call that they do not know.
_NO_SUCH_CALL = re.compile(r"(404 )?(page )?not found|status 404", re.IGNORECASE)


def is_gone(error: docker.errors.APIError) -> bool:
    """Does the engine say that the very thing is not there? That it has no such call is another 404."""
    return _GONE.search(str(error.explanation)) is not None


def knows_no_such_call(error: docker.errors.APIError) -> bool:
    """Is it the call itself that the engine does not have? Then nothing was said of what the call is about."""
    return isinstance(error, docker.errors.NotFound) and _NO_SUCH_CALL.fullmatch(str(error.explanation)) is not None


def reason(error: Exception) -> str:
    """The engine's own words, without what the libraries wrap around them."""
    if isinstance(error, docker.errors.APIError):
        return str(error.explanation)
    error = _innermost(error)
    text = str(error)
    # "500 Server Error for http+docker://…: {json}" says it best in its last part.
    if text.endswith("}"):
        try:
            return str(json.loads(text[text.index("{") :])["message"])
        except (ValueError, KeyError):
            pass
    return text or type(error).__name__


def _innermost(error: Exception) -> Exception:
    """The error inside: requests wraps one of urllib3, which wraps ("Connection aborted.", the error itself)."""
    inside = next((inner for inner in error.args if isinstance(inner, Exception)), None)
    return _innermost(inside) if inside is not None else error


def wants_login(message: str) -> bool:
    """Does a registry ask for a login, or refuse this one?"""
    lower = message.lower()
    return any(sign in lower for sign in ("unauthorized", "no basic auth", "denied"))


def registry_hint(message: str, *, own: bool = False) -> str:
    """The hint for a push or a pull that ended with this message; `own`: the server pulled with its own login."""
    lower = message.lower()
    if wants_login(message):
        if own:
            return (
                "the server pulls with its own login, as no Jenkins credential is named: docker login there, as the "
                "user of SSH; or image.pull_credential, the id of one that may read"
            )
        return "image.credential, or image.pull_credential for servers, names the registry's username and password"
    if "expired or is not yet valid" in lower:
        return "is the clock of that server right (timedatectl)? if it is, the registry needs a new certificate"
    if "http response to https" in lower:
        return "the registry speaks plain HTTP at that port, and the engine wants HTTPS: is the port of its name right?"
    if "x509" in lower and "certificate is valid for" in lower:
        return "image.repository has to name the registry as its certificate does"
    if "x509" in lower:
        return "the engine does not trust the registry: put its CA into /etc/docker/certs.d/REGISTRY/ca.crt"
    if "no space left" in lower:
        return (
            "the disk is full, there or at the registry: docker system df tells; docker image prune removes images "
            "without a name"
        )
    if "manifest unknown" in lower or "not found" in lower:
        return "the registry does not have this digest (any more); build again"
    if "said nothing" in lower:
        return "does the registry, or something between, stand still? try by hand: docker pull"
    return "can the registry be reached from there? try: docker pull"
