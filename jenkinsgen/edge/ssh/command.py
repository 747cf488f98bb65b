"""One command on a host: its input sent and both of its outputs read at the same time, by one deadline."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import paramiko

MAX_OUTPUT = 32 * 1024 * 1024
"""Bytes of output and errors together: the kernel's table of 200 000 connections, the longest that is asked for."""
_CHUNK = 64 * 1024
# While input is waiting nothing tells when the host takes more of it.
_INPUT_WAKE_SECONDS, _WAKE_SECONDS = 0.02, 0.5


@dataclass(frozen=True, slots=True)
class Completed:
    """The result of a command on a host."""

    exit_code: int
    """-1 when it was killed, or the connection broke."""
    output: str
    errors: str


class TooMuchOutput(Exception):
    """It wrote more than MAX_OUTPUT bytes."""


def execute(channel: paramiko.Channel, command: str, end: float) -> None:
    """Start a command on a fresh channel. Raises TimeoutError when sshd has not answered at `end` (monotonic)."""
    # paramiko waits for that answer without any deadline; closing the channel is what wakes it.
    late = threading.Timer(max(0.0, end - time.monotonic()), channel.close)
    late.daemon = True
    late.start()
    try:
        channel.exec_command(command)
    except Exception:
        if time.monotonic() >= end:
            raise TimeoutError from None
        raise
    finally:
        late.cancel()


def converse(channel: paramiko.Channel, stdin: bytes, end: float) -> Completed:
    """Send the input, read until the command has ended.

    Raises TimeoutError at `end` even while the command still writes, TooMuchOutput, OSError when the channel breaks.
    """
    output, errors = bytearray(), bytearray()
    arrived = threading.Event()
    # channel.fileno() would not do: paramiko's thread writes into that pipe while `close` closes it here. The error
    # ends the whole connection, or the byte goes into whatever has the pipe's number by then.
    channel.in_buffer.set_event(arrived)
    channel.in_stderr_buffer.set_event(arrived)
    sent = 0
    open_input = bool(stdin)
    while True:
        if open_input and sent == len(stdin):
            channel.shutdown_write()
            open_input = False
        if open_input and channel.send_ready():
            try:
                sent += channel.send(stdin[sent : sent + _CHUNK])
            except OSError:
                if not channel.closed:
                    raise
                # It ended without reading all of its input; how it ended says whether that is an error.
                open_input = False
            continue
        over = channel.eof_received or channel.closed
        if channel.recv_ready():
            output += channel.recv(_CHUNK)
        elif channel.recv_stderr_ready():
            errors += channel.recv_stderr(_CHUNK)
        elif over:
            break
        else:
            left = min(end - time.monotonic(), _INPUT_WAKE_SECONDS if open_input else _WAKE_SECONDS)
            arrived.wait(max(0.0, left))
        if len(output) + len(errors) > MAX_OUTPUT:
            raise TooMuchOutput
        if time.monotonic() >= end:
            raise TimeoutError
    if not channel.status_event.wait(max(0.0, end - time.monotonic())):
        raise TimeoutError
    return Completed(channel.recv_exit_status(), output.decode(errors="replace"), errors.decode(errors="replace"))
