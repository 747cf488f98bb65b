"""A drain counts connections where it can; where nobody can tell, they get all of the time, and nothing is stopped."""

from __future__ import annotations

import io
import ipaddress
from types import SimpleNamespace
from typing import Any

import pytest
from examples import nginx_state, pipeline

from jenkinsgen.deploy.steps import NGINX, Drain
from jenkinsgen.edge.nginx.connections import open_connections, resolved
from jenkinsgen.edge.nginx.hosts import NginxHosts
from jenkinsgen.edge.ssh.command import Completed
from jenkinsgen.errors import NginxError
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.perform.actions import Actions


class Host:
    """An NGINX host that says this to whatever is run there."""

    address = "192.0.2.10"

    def __init__(self, output: str) -> None:
        self._output = output

    def run(self, *_: Any) -> Completed:
        return Completed(0, self._output, "")

    def check(self, *_: Any) -> str:
        return self._output


def test_a_name_without_an_address_is_told_and_not_taken_for_no_connection():
    nowhere: Any = Host("")
    with pytest.raises(NginxError, match=r"the address of app1\.example\.com cannot be told: it named no address"):
        resolved(nowhere, "app1.example.com")
    known: Any = Host("192.0.2.11 STREAM app1\n192.0.2.11 DGRAM\n")
    assert resolved(known, "app1.example.com") == {ipaddress.ip_address("192.0.2.11")}


def test_a_table_that_cannot_be_read_is_told_and_not_taken_for_no_connection():
    silent: Any = Host("")
    with pytest.raises(NginxError, match="its connections cannot be counted"):
        open_connections(silent, "", [(ipaddress.ip_address("192.0.2.11"), 8080)])


def test_where_nobody_can_count_connections_they_get_all_of_the_time():
    """A name server that is away stops no rollback, and no connection is cut for it."""

    class Nameless:
        def remotes(self, _endpoints: Any) -> Any:
            raise NginxError("no name server answers")

    hosts: Any = {NGINX: Nameless()}
    assert NginxHosts(hosts).known_remotes(["app1.example.com:8080"]) is None
    waited: list[float] = []
    said = io.StringIO()
    nginx = SimpleNamespace(observe=lambda: nginx_state(Colour.BLUE, pipeline()))
    session = SimpleNamespace(nginx=nginx)
    work: Any = SimpleNamespace(check=lambda: None, session=session, report=Report(said))
    cancellation: Any = SimpleNamespace(sleep=waited.append)
    Actions(work)(NGINX, Drain(None, Colour.GREEN, 30.0), cancellation)
    assert waited == [30.0]
    assert "they get all of cleanup.drain, 30s" in said.getvalue()
