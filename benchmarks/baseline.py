"""What jenkinsgen is compared with: the script that teams copy today, and the least that any tool has to do.

Both use Docker's own command and OpenSSH, deploy the same app to the same servers, and run beside jenkinsgen's
containers on other ports.
"""

# ruff: noqa: INP001 - programs, not a package

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from fleet import Fleet, answers

if TYPE_CHECKING:
    from jenkinsgen.sandbox import Host

GREEN, BLUE, FLOOR = 9080, 9081, 9090
_RUN = "docker run -d -p {port}:8080 -m 100m --cpus=1.8 -v /home/deploy/data:/data --name bench-{port} {image}"
_SITE = """\
upstream serial {{ {servers} }}
server {{ listen 80; server_name serial.test; location / {{ proxy_pass http://serial; }} }}
"""
_INSTALL = (
    "cd /etc/nginx/sites-enabled && sudo rm -f serial-*.conf && "
    "sudo cp ~/serial/serial-{port}.conf . && sudo nginx -s reload"
)
TRIES = 100


def prepare(fleet: Fleet) -> None:
    """The two site files that somebody once put on the NGINX host, and a first release on green."""
    nginx = fleet.sandbox.nginx
    for port in (GREEN, BLUE):
        servers = " ".join(f"server {server.address}:{port};" for server in fleet.servers)
        text = _SITE.format(servers=servers)
        fleet.ssh(nginx, f"mkdir -p serial && echo '{text}' >serial/serial-{port}.conf")
    deploy_serially(fleet)


def deploy_serially(fleet: Fleet) -> None:
    """One release as the widespread script makes it: one server after the other, a connection for every command.

    The colour is chosen by what answers; the app is looked at each second; NGINX gets the other site file and is
    reloaded; then the old containers are killed.
    """
    old, new = (GREEN, BLUE) if any(answers(server, GREEN) for server in fleet.servers) else (BLUE, GREEN)
    image = f"{fleet.sandbox.registry}/serial-{new}:latest"
    fleet.docker("build", "-t", f"serial-{new}:latest", ".")
    fleet.docker("tag", f"serial-{new}:latest", image)
    fleet.docker("push", image)
    fleet.docker("rmi", image)
    fleet.docker("rmi", f"serial-{new}:latest")
    for server in fleet.servers:
        if answers(server, new):
            fleet.ssh(server, f"docker rm -f bench-{new}")
            fleet.ssh(server, f"docker rmi -f {image}")
        fleet.ssh(server, f"docker pull {image}")
        fleet.ssh(server, _RUN.format(port=new, image=image))
    for _ in range(TRIES):
        time.sleep(1)
        if all(answers(server, new) for server in fleet.servers):
            fleet.ssh(fleet.sandbox.nginx, _INSTALL.format(port=new))
            break
    for server in fleet.servers:
        fleet.ssh(server, f"docker rm -f bench-{old} >/dev/null 2>&1 || :")
    for server in fleet.servers:
        fleet.ssh(server, f"docker rmi -f {image.replace(str(new), str(old))} >/dev/null 2>&1 || :")


def remove_serial(fleet: Fleet) -> None:
    """All that it left."""
    fleet.on_all(f"docker rm -f bench-{GREEN} bench-{BLUE} >/dev/null 2>&1; docker image prune -af >/dev/null")
    fleet.ssh(fleet.sandbox.nginx, "sudo rm -f /etc/nginx/sites-enabled/serial-*.conf && sudo nginx -s reload")


_releases = itertools.count(1)


def start_everywhere(fleet: Fleet) -> str:
    """The floor: build, push, then pull, run and the first good look, on all servers at once. Returns the image.

    No traffic is moved and nothing old removed; whoever deploys with Docker cannot do less.
    """
    image = f"{fleet.sandbox.registry}/floor:{next(_releases)}"
    fleet.docker("build", "-t", image, ".")
    fleet.docker("push", image)

    def start(server: Host) -> None:
        fleet.ssh(server, f"docker pull {image} && {_RUN.format(port=FLOOR, image=image)}")
        while not answers(server, FLOOR):
            time.sleep(0.02)

    fleet.everywhere(start)
    return image


def remove_everywhere(fleet: Fleet, image: str) -> None:
    """All that the floor left."""
    fleet.docker("rmi", image)
    fleet.on_all(f"docker rm -f bench-{FLOOR} && docker image prune -af >/dev/null")
