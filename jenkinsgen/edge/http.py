"""HTTP GETs that ask for a verdict: no retries, no redirects followed, always a deadline."""

from __future__ import annotations

import http.client
import socket
import ssl
from contextlib import closing
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.health import REFUSED, Answer
from jenkinsgen.edge.deadline import in_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    import paramiko

    from jenkinsgen.edge.ssh.host import SshHost

REQUEST_SECONDS = 5.0
"""For connecting, and for each read."""
LOOK_SECONDS = 2 * REQUEST_SECONDS
"""For all of it: an answer that trickles is none."""
MAX_BODY = 4096


def get(
    address: str, port: int, path: str, headers: Mapping[str, str], *, connect_seconds: float = REQUEST_SECONDS
) -> Answer:
    """Ask `address:port` from here."""
    try:
        return in_time(LOOK_SECONDS, lambda: _get(address, port, path, headers, connect_seconds))
    except TimeoutError as error:
        return Answer(None, error=_reason(error))


def _get(address: str, port: int, path: str, headers: Mapping[str, str], connect_seconds: float) -> Answer:
    try:
        # No proxy of the agent: that is for the Internet, never for the servers behind it.
        peer = socket.create_connection((address, port), connect_seconds)
    except OSError as error:
        return Answer(None, error=_reason(error))
    with closing(peer):
        return _ask_on(peer, address, port, path, headers, tls=False)[0]


def get_through(
    host: SshHost,
    address: str,
    port: int,
    path: str,
    headers: Mapping[str, str],
    *,
    tls: bool = False,
    connect_seconds: float = LOOK_SECONDS,
) -> Answer:
    """Ask `address:port` from another host, through its SSH connection; header names come in lower case.

    With `tls` the certificate is not verified: the tunnel's end is that very host, whose key was.
    Raises HostError when the SSH connection is gone.
    """
    return _ask(host, address, port, path, headers, tls=tls, connect_seconds=connect_seconds)[0]


def get_with_header(
    host: SshHost, port: int, path: str, host_header: str, header: str, *, tls: bool
) -> tuple[Answer, str]:
    """Ask the host itself (its loopback address), and return one header of the answer besides."""
    answer, found = _ask(host, "127.0.0.1", port, path, {"Host": host_header}, tls=tls)
    return answer, found.get(header.lower(), "")


def _ask(
    host: SshHost,
    address: str,
    port: int,
    path: str,
    headers: Mapping[str, str],
    *,
    tls: bool,
    connect_seconds: float = LOOK_SECONDS,
) -> tuple[Answer, dict[str, str]]:
    try:
        # Opening the tunnel has a deadline of its own, and may have to open the connection first.
        channel = host.open_tunnel(address, port, connect_seconds)
    except OSError as error:
        return Answer(None, error=_reason(error)), {}
    with closing(channel):
        try:
            return in_time(LOOK_SECONDS, lambda: _ask_on(channel, address, port, path, headers, tls=tls))
        except TimeoutError as error:
            return Answer(None, error=_reason(error)), {}


def _ask_on(
    peer: socket.socket | paramiko.Channel, address: str, port: int, path: str, headers: Mapping[str, str], *, tls: bool
) -> tuple[Answer, dict[str, str]]:
    connection = http.client.HTTPConnection(address, port, timeout=REQUEST_SECONDS)
    try:
        peer.settimeout(REQUEST_SECONDS)
        connection.sock = _with_tls(peer, headers["Host"]) if tls else peer
        connection.request("GET", path, headers={**headers, "Connection": "close"})
        response = connection.getresponse()
        body = response.read(MAX_BODY)
        if len(body) < MAX_BODY and response.length:
            raise http.client.IncompleteRead(body, response.length)
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, body.decode(errors="replace"), found.get("location", "")), found
    except (OSError, http.client.HTTPException, ValueError) as error:
        # A chunk of negative length is a ValueError of Python's.
        return Answer(None, error=_reason(error)), {}
    finally:
        connection.close()


def _with_tls(peer: socket.socket | paramiko.Channel, server_name: str) -> socket.socket:
    from urllib3.util.ssltransport import SSLTransport  # noqa: PLC0415 - slow to import, and few have TLS here

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return SSLTransport(_ChannelSocket(peer), context, server_hostname=server_name)  # type: ignore[arg-type,return-value]


class _ChannelSocket:
    """An SSH channel with the two names of a Python socket that urllib3's TLS counts its files with."""

    def __init__(self, channel: socket.socket | paramiko.Channel) -> None:
        self._channel = channel
        self._io_refs = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def _decref_socketios(self) -> None:
        self._io_refs -= 1


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"timed out after {REQUEST_SECONDS:.0f} s"
    text = str(error)
    for sign, reason in (
        ("refused", REFUSED),
        ("No route to host", "no route to the host"),
        ("Name or service not known", "the name has no address"),
        ("closed connection without response", "the connection was closed without an answer"),
        ("reset by peer", "the connection was closed without an answer"),
    ):
        if sign in text:
            return reason
    return text or type(error).__name__
