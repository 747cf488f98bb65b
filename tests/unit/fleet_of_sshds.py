"""Hundreds of servers in one process: SSH on 127.0.0.1 to 127.0.0.N, each with a Docker engine that runs nothing.

Run as a program: `python fleet_of_sshds.py FOLDER N` writes the key and the known hosts, prints its port, and serves
until its standard input ends.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import sshd

if TYPE_CHECKING:
    import paramiko

ANSWERS: dict[str, object] = {"version": {"ApiVersion": "1.41"}, "json": []}


def engine(channel: paramiko.Channel, command: str) -> None:
    """`docker system dial-stdio`: HTTP on the channel, until it is closed."""
    if command != "docker system dial-stdio":
        sshd.ends(channel, 127)
        return
    with channel.makefile("rb") as requests:
        while line := requests.readline():
            while requests.readline().strip():
                pass
            path = line.decode().split()[1].partition("?")[0]
            body = json.dumps(ANSWERS[path.rpartition("/")[2]]).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            channel.sendall(head.encode() + body)


def main() -> None:
    folder, servers = Path(sys.argv[1]), int(sys.argv[2])
    with sshd.FakeSshd(folder, engine, listen="0.0.0.0") as server:  # noqa: S104 - all of 127.0.0.0/8
        key = f"{sshd.HOST_KEY.get_name()} {sshd.HOST_KEY.get_base64()}"
        names = (f"[127.0.0.{number}]:{server.port} {key}\n" for number in range(1, servers + 1))
        (folder / "known_hosts").write_text("".join(names))
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
