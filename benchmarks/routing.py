"""What the flag costs: NGINX with the flag's routing against a plain proxy_pass to the very same servers."""

# ruff: noqa: INP001, S101 - programs, not a package, and asserts that tell mypy what holds

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from fleet import Fleet, as_root

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS = 1
CONNECTIONS = 16
# The same directives as in the file of jenkinsgen, but for the flag and the variable that it sets.
_PLAIN = """\
upstream plain {{ {servers} keepalive 32; keepalive_timeout 1s; }}
map $http_upgrade $plain_connection {{ default upgrade; '' ''; }}
server {{
    listen 80; server_name plain.test;
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $plain_connection;
    proxy_request_buffering off;
    location / {{ proxy_pass http://plain; }}
}}
"""
_CPU = "for pid in $(pgrep -P $(cat /run/nginx.pid)); do cut -d' ' -f14,15 /proc/$pid/stat; done"


@dataclass
class Routing:
    """Requests per second, and NGINX's own seconds of CPU per request, with the flag and plain, round by round."""

    flag: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    flag_cpu: list[float] = field(default_factory=list)
    plain_cpu: list[float] = field(default_factory=list)

    @property
    def throughput(self) -> float:
        """With the flag against plain."""
        return _ratio(self.flag, self.plain)

    @property
    def cpu(self) -> float:
        """Work per request, with the flag against plain."""
        return _ratio(self.flag_cpu, self.plain_cpu)


def _ratio(these: Sequence[float], those: Sequence[float]) -> float:
    return median(this / that for this, that in zip(these, those, strict=True))


def measure(fleet: Fleet, rounds: int) -> Routing:
    """Short rounds, each with both, the one first that was last before."""
    address = fleet.sandbox.nginx.address
    live = fleet.said("switch-nginx")["to"]
    port = {"green": 8080, "blue": 8081}[live]
    servers = " ".join(f"server {server.address}:{port};" for server in fleet.servers)
    site = _PLAIN.format(servers=servers)
    _install(fleet, f"cat >/etc/nginx/conf.d/plain.conf <<'END'\n{site}END")
    found = Routing()
    try:
        for number in range(rounds):
            pair = [("shop.test", found.flag, found.flag_cpu), ("plain.test", found.plain, found.plain_cpu)]
            for name, rates, work in pair if number % 2 else reversed(pair):
                before = _cpu_seconds(fleet)
                requests, rate = _load(address, name)
                rates.append(rate)
                work.append((_cpu_seconds(fleet) - before) / requests)
    finally:
        _install(fleet, "rm /etc/nginx/conf.d/plain.conf")
    return found


def _install(fleet: Fleet, script: str) -> None:
    as_root(fleet.sandbox, fleet.sandbox.nginx, f"{script}\nnginx -t -q && nginx -s reload")
    # The worker processes of before end when they have nothing to do.
    time.sleep(1)


def _load(address: str, name: str) -> tuple[int, float]:
    """How many requests were answered, and how many in a second."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", f"Host: {name}", f"http://{address}/"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{name}: {said}")
    requests, rate = re.search(r"(\d+) requests in", said), re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert requests is not None, said
    assert rate is not None, said
    return int(requests[1]), float(rate[1])


def _cpu_seconds(fleet: Fleet) -> float:
    """Of all worker processes, counted in ticks of a hundredth of a second."""
    return sum(map(int, as_root(fleet.sandbox, fleet.sandbox.nginx, _CPU).split())) / 100
