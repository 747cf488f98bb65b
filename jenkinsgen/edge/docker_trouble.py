"""What goes wrong between us and a Docker engine, and streams that fall silent."""

from __future__ import annotations

import json
import queue
import threading
import time
from typing import TYPE_CHECKING, Any

import docker.errors
import paramiko
import requests
import urllib3.exceptions
from docker.errors import StreamParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# All that a broken connection is, in the words of the four libraries between us and the engine.
TROUBLE = (
    docker.errors.DockerException,
    StreamParseError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    paramiko.SSHException,
    EOFError,
    OSError,
)


class Silent(TimeoutError):
    """A stream of the engine said nothing for too long."""


_WAKE_SECONDS = 0.2


def listened_to(start: Callable[[], Any], check: Callable[[], None], silence: float) -> Iterator[dict[str, Any]]:
    """What a stream of the engine says; `check` is called now and then, also while it is silent, and may raise.

    A registry that stops in the middle of a layer, or a long `RUN`, says nothing for ever, and a thread that
    waits for it cannot be stopped. So the one that waits is left behind; it ends with the connection.
    Raises Silent when nothing was said for `silence` seconds.
    """
    said: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        try:
            for message in start():
                said.put(message)
            said.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where somebody waits for it
            said.put(error)

    threading.Thread(target=listen, daemon=True).start()
    end = time.monotonic() + silence
    while True:
        check()
        try:
            message = said.get(timeout=_WAKE_SECONDS)
        except queue.Empty:
            if time.monotonic() > end:
                raise Silent(f"it said nothing for {silence:.0f} s") from None
            continue
        end = time.monotonic() + silence
        if message is None:
            return
        if isinstance(message, BaseException):
            raise message
        yield message


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
    """What requests says wraps an error of urllib3, which wraps ("Connection aborted.", the error itself)."""
    inside = next((inner for inner in error.args if isinstance(inner, Exception)), None)
    return _innermost(inside) if inside is not None else error


def registry_hint(message: str) -> str:
    """What to do when a push or a pull ended with this message."""
    lower = message.lower()
    if "unauthorized" in lower or "no basic auth" in lower or "denied" in lower:
        return "image.credential names the Jenkins credential (username and password) of the registry"
    if "expired or is not yet valid" in lower:
        return "is the clock of that server right (timedatectl)? if it is, the registry needs a new certificate"
    if "x509" in lower or "http response to https" in lower:
        return "the engine does not trust the registry: put its CA into /etc/docker/certs.d/REGISTRY/ca.crt"
    if "no space left" in lower:
        return "the disk is full: remove images that nobody needs (docker image prune)"
    if "manifest unknown" in lower or "not found" in lower:
        return "the registry does not have this digest (any more); build again"
    if "said nothing" in lower:
        return "does the registry, or something between, stand still? try by hand: docker pull"
    return "can the registry be reached from there? try: docker pull"
