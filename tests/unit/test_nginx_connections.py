"""Connections, read from the kernel's table."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path

import pytest

from jenkinsgen.nginx.connections import count_connections

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(remote: str, state: str) -> str:
    return f"   0: 0A0200C0:D431 {remote} {state} 00000000:00000000 00:00000000 00000000    33        0 1 1\n"


def remote(address: str, port: int) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    return ipaddress.ip_address(address), port


@pytest.mark.parametrize(
    ("state", "counts"),
    [("01", 1), ("02", 1), ("08", 1), ("04", 0), ("05", 0), ("06", 0), ("07", 0), ("0A", 0)],
)
def test_a_connection_counts_while_a_request_may_be_on_it(state: str, counts: int):
    table = HEADER + row("0B0200C0:1F90", state)
    assert count_connections(table, [remote("192.0.2.11", 8080)]) == counts


def test_other_ports_and_hosts_do_not_count():
    table = HEADER + row("0B0200C0:1F90", "01") + row("0B0200C0:1F91", "01") + row("0C0200C0:1F90", "01")
    assert count_connections(table, [remote("192.0.2.11", 8080)]) == 1
    assert count_connections(table, []) == 0


def test_ipv6_and_ipv4_in_ipv6_are_read():
    six = "B80D0120000000000000000011000000:1F90"
    mapped = "0000000000000000FFFF00000B0200C0:1F90"
    table = HEADER + row(six, "01") + row(mapped, "01")
    assert count_connections(table, [remote("2001:db8::11", 8080)]) == 1
    assert count_connections(table, [remote("192.0.2.11", 8080)]) == 1


def test_a_real_connection_is_found_in_the_real_table():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = [remote("127.0.0.1", listener.getsockname()[1])]
        assert count_connections(Path("/proc/net/tcp").read_text(), here) == 0
        with socket.create_connection(listener.getsockname()):
            assert count_connections(Path("/proc/net/tcp").read_text(), here) == 1
