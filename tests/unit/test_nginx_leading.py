"""What is asked of the NGINX host about a container in the way, and about two prepared files: nothing is guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples import RELOAD, pipeline

from jenkinsgen.deploy.strangers import Leading
from jenkinsgen.edge.nginx.host import NginxHost
from jenkinsgen.edge.nginx.reload import look_for_doubts
from jenkinsgen.edge.ssh.command import Completed
from jenkinsgen.errors import HostError
from jenkinsgen.spec.values import HostAddress

if TYPE_CHECKING:
    from collections.abc import Sequence

DUMP = """# configuration file /etc/nginx/nginx.conf:
events {}
http { include sites-enabled/*; }

# configuration file /etc/nginx/sites-enabled/momo.conf:
upstream momo { server app1.internal:8080; server gone.internal:8080; }
"""
# An open connection to 192.0.2.11:8080, and one that is over.
TABLE = """  sl  local_address rem_address   st
   0: 0A0200C0:9C40 0B0200C0:1F90 01
   1: 0A0200C0:9C41 0B0200C0:1F90 06
"""


class Host:
    """The NGINX host: `nginx -T`, the kernel's table, one name that has an address; its user has sudo, or not."""

    address = HostAddress("192.0.2.10")

    def __init__(self, *, sudo: bool = True) -> None:
        self._sudo = sudo

    def check(self, argv: Sequence[str]) -> str:
        return self.run(argv).output

    def run(self, argv: Sequence[str]) -> Completed:
        if argv[0] == "getent":
            return Completed(0, "192.0.2.11 STREAM app1.internal\n" if argv[2] == "app1.internal" else "", "")
        if argv[0] == "sudo":
            return Completed(0, DUMP, "") if self._sudo else Completed(1, "", "sudo: a password is required\n")
        if argv[0] == "cat":
            return Completed(0, "server { location / { proxy_pass http://gone.internal:8080; } }", "")
        return (
            Completed(0, TABLE if "net/tcp" in argv[2] else "1000\n", "") if argv[0] == "sh" else Completed(0, "1", "")
        )

    def open_tunnel(self, *_: object) -> None:
        raise HostError("not here")


def leading(host: Host, changes: str = "") -> dict[str, Leading]:
    return NginxHost(host, pipeline(changes)).leading(["192.0.2.11:8080", "192.0.2.12:8080"])  # type: ignore[arg-type]


def test_configuration_and_connections_say_what_leads_to_a_server():
    found = leading(Host())

    place = "/etc/nginx/sites-enabled/momo.conf:1 `server app1.internal:8080`"
    assert found == {"192.0.2.11:8080": Leading((place,), 1), "192.0.2.12:8080": Leading()}


def test_without_sudo_the_connections_are_seen_and_the_configuration_is_said_to_be_unknown():
    found = leading(Host(sudo=False))

    assert found["192.0.2.11:8080"] == Leading((), 1, "sudo: a password is required")
    assert found["192.0.2.12:8080"].unknown == "sudo: a password is required"


def test_a_name_without_an_address_is_a_doubt_and_stops_no_way_back():
    """It would, as an error: doubts are only said when somebody goes back."""
    spec = pipeline(RELOAD)
    host = Host()

    doubts = look_for_doubts(NginxHost(host, spec), host, spec, None)  # type: ignore[arg-type]

    assert "/etc/nginx/g names gone.internal:8080, which is none of `servers`, so green may not run there" in doubts
