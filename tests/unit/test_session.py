"""A session is there as soon as NGINX is; what is wrong with a server is told where servers are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from examples import pipeline
from fleet_of_sshds import engine
from sshd import HOST_KEY, FakeSshd

from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.edge.ssh.host import Login
from jenkinsgen.errors import HostError
from jenkinsgen.report import Report
from jenkinsgen.stages.context.real import REAL, open_session
from jenkinsgen.stages.context.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Of an sshd on 127.0.0.1, .2 and .3, of which the last is no known host."""
    with FakeSshd(tmp_path, engine, listen="0.0.0.0") as server:  # noqa: S104 - all of 127.0.0.0/8
        key = f"{HOST_KEY.get_name()} {HOST_KEY.get_base64()}"
        (tmp_path / "known_hosts").write_text("".join(f"[127.0.0.{n}]:{server.port} {key}\n" for n in (1, 2)))
        yield server.port


def spec(port: int, *servers: str) -> Stage:
    names = ", ".join(f"deploy@{server}:{port}" for server in servers)
    found = pipeline(f"servers: [{names}]\nnginx: {{host: 'deploy@127.0.0.1:{port}'}}")
    return Stage("test", found, Report(), REAL)


def login(folder: Path) -> Login:
    return Login(key_file=str(folder / "key"), known_hosts=str(folder / "known_hosts"))


def test_a_server_that_cannot_be_reached_is_told_when_the_servers_are_needed(port: int, tmp_path: Path):
    with open_session(spec(port, "127.0.0.2", "127.0.0.3"), login(tmp_path), with_servers=True) as session:
        assert session.nginx.host(NGINX)._host.transport.is_active()
        with pytest.raises(HostError, match=r"127\.0\.0\.3"):
            session.observe_servers()


def test_all_connections_are_closed_at_the_end(port: int, tmp_path: Path):
    with open_session(spec(port, "127.0.0.2"), login(tmp_path), with_servers=True) as session:
        transports = [session.nginx.host(NGINX)._host.transport]
        (server,) = session.engines.values()
        transports.append(server.ask("tell", lambda api: api.get_adapter(api.base_url)._host).transport)
    assert not any(transport.is_active() for transport in transports)


def test_a_stage_that_needs_no_server_connects_to_none(port: int, tmp_path: Path):
    with open_session(spec(port, "127.0.0.3"), login(tmp_path), with_servers=False) as session:
        assert session.observe_servers() == {}
