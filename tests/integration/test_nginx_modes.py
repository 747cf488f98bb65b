"""NGINX: TLS, the team's own files, no rights, a configuration that somebody else broke."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from conftest import as_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

PREPARED = """
install -d -o deploy /home/deploy/shop-conf
for pair in green:8080 blue:8081; do
    colour=${pair%%:*} port=${pair##*:}
    {
        echo "upstream shop {"
        for address in SERVERS; do echo "    server $address:$port;"; done
        echo "}"
        echo "server { listen 80; server_name shop.test; location / { proxy_pass http://shop; } }"
    } >/home/deploy/shop-conf/$colour.conf
done
"""


def prepare(workspace: Workspace) -> None:
    """The team has the seed's two files on its NGINX host."""
    addresses = " ".join(server.address for server in workspace.sandbox.servers)
    as_root(workspace.sandbox, workspace.sandbox.nginx, PREPARED.replace("SERVERS", addresses))
    workspace.change_spec(
        nginx={
            "mode": "reload",
            "site": "/etc/nginx/sites-enabled/shop.conf",
            "prepared": {"green": "/home/deploy/shop-conf/green.conf", "blue": "/home/deploy/shop-conf/blue.conf"},
        }
    )


def test_mode_reload_switches_between_the_prepared_files(workspace: Workspace):
    prepare(workspace)
    workspace.deploy()
    assert workspace.get() == (200, "1.0.1")

    workspace.deploy()

    assert workspace.get() == (200, "1.0.2")
    assert workspace.containers() == [["shop-blue"], ["shop-blue"]]
    others = as_root(workspace.sandbox, workspace.sandbox.nginx, "ls /etc/nginx/sites-enabled")
    assert sorted(others.split()) == ["default", "shop.conf"]


def test_a_team_that_leaves_mode_reload_loses_no_request(workspace: Workspace):
    """Its own file gives green the traffic, and says nothing of that; the first deployment in mode flag takes blue."""
    spec = workspace.spec_file.read_text()
    prepare(workspace)
    workspace.deploy()
    workspace.spec_file.write_text(spec)
    said: list[tuple[int, str]] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.02):
            said.append(workspace.get())

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        workspace.deploy()
    finally:
        over.set()
        asking.join()

    assert {status for status, _ in said} == {200}
    assert workspace.get() == (200, "1.0.2")
    assert workspace.containers() == [["shop-blue"]] * 2


def test_mode_reload_changes_nothing_when_the_candidate_is_not_valid(workspace: Workspace):
    prepare(workspace)
    workspace.deploy()
    as_root(workspace.sandbox, workspace.sandbox.nginx, "echo 'serverr {}' >/home/deploy/shop-conf/blue.conf")
    workspace.build()
    assert "/home/deploy/shop-conf/blue.conf:1 `serverr`" in workspace.fail("build-image", 10)
    # Who accepts what cannot be proven gets no further than NGINX's own word.
    workspace.change_spec(nginx={"unproven": "accept"})
    workspace.succeed("build-image", "deploy-colour")

    said = workspace.fail("switch-nginx", 7)

    assert 'unknown directive "serverr"' in said
    assert "nothing was changed" in said
    assert workspace.get() == (200, "1.0.1")
    as_root(workspace.sandbox, workspace.sandbox.nginx, "nginx -t -q")


def test_mode_reload_needs_the_prepared_files(workspace: Workspace):
    prepare(workspace)
    as_root(workspace.sandbox, workspace.sandbox.nginx, "rm /home/deploy/shop-conf/blue.conf")
    workspace.build()

    said = workspace.fail("build-image", 8)

    assert "/home/deploy/shop-conf/blue.conf is not there" in said


def test_tls(workspace: Workspace):
    as_root(
        workspace.sandbox,
        workspace.sandbox.nginx,
        "cd /etc/nginx && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop.test"
        " -keyout shop.key -out shop.pem 2>/dev/null",
    )
    workspace.change_spec(nginx={"certificate": "/etc/nginx/shop.pem", "certificate_key": "/etc/nginx/shop.key"})
    workspace.deploy()
    workspace.deploy()

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    import http.client  # noqa: PLC0415 - only here with TLS

    connection = http.client.HTTPSConnection(workspace.sandbox.nginx.address, 443, context=context, timeout=10)
    connection.request("GET", "/", headers={"Host": "shop.test"})
    assert connection.getresponse().headers["X-Version"] == "1.0.2"
    connection.close()


@pytest.fixture
def _without_sudo(workspace: Workspace) -> Iterator[None]:
    nginx = workspace.sandbox.nginx
    as_root(workspace.sandbox, nginx, "mkdir -p /root/sudoers; mv /etc/sudoers.d/* /root/sudoers/")
    yield
    as_root(workspace.sandbox, nginx, "mv /root/sudoers/* /etc/sudoers.d/")


@pytest.mark.usefixtures("_without_sudo")
def test_without_sudo_an_administrator_is_asked_once(workspace: Workspace):
    workspace.build()
    said = workspace.fail("build-image", 8)
    assert "jenkinsgen nginx setup" in said

    command = [sys.executable, "-m", "jenkinsgen", "nginx", "setup", "pipelines/shop.yaml"]
    setup = subprocess.run(command, cwd=workspace.folder, capture_output=True, text=True, check=True)
    as_root(workspace.sandbox, workspace.sandbox.nginx, setup.stdout)
    workspace.deploy()
    workspace.deploy()

    assert workspace.get() == (200, "1.0.3")


def test_a_configuration_that_somebody_broke_is_named_before_anything_changes(workspace: Workspace):
    broken = "/etc/nginx/conf.d/other.conf"
    as_root(workspace.sandbox, workspace.sandbox.nginx, f"echo 'nonsense;' >{broken}")
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")

    said = workspace.fail("switch-nginx", 7)

    assert broken in said
    assert "nothing was changed" in said
    listing = as_root(workspace.sandbox, workspace.sandbox.nginx, "ls /etc/nginx/conf.d")
    assert listing.split() == ["other.conf"]


def test_a_flag_that_cannot_be_changed_is_told_before_the_build(workspace: Workspace):
    workspace.deploy()
    as_root(workspace.sandbox, workspace.sandbox.nginx, "chown root: /var/lib/jenkinsgen/shop")
    workspace.build()

    said = workspace.fail("build-image", 8)

    assert "readonly" in said


def test_behind_a_load_balancer_its_word_counts_and_nobody_elses(workspace: Workspace):
    """The agent is the balancer, an app server is anybody. The application redirects what did not come by https."""
    sandbox = workspace.sandbox
    balancer = sandbox.nginx.address.rpartition(".")[0] + ".1"
    workspace.change_spec(nginx={"trusted_proxies": [balancer]})
    workspace.deploy(https_only=1)
    workspace.deploy(https_only=1)

    claim = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    assert asked_by_the_agent(workspace, "/", claim) == 200
    assert asked_by_the_agent(workspace, "/", {"X-Forwarded-For": "203.0.113.7"}) == 301
    assert asked_by_a_server(workspace, "/", claim) == 301
    log = as_root(sandbox, sandbox.nginx, "tail -n 3 /var/log/nginx/access.log").splitlines()
    assert [line.split()[0] for line in log] == ["203.0.113.7", "203.0.113.7", sandbox.servers[0].address]
    # Paths of the NGINX host's own cannot be reached by a claim, whoever makes it.
    state = "/.jenkinsgen/shop/state"
    assert asked_by_the_agent(workspace, state, {"X-Forwarded-For": "127.0.0.1"}) == 404
    assert asked_by_a_server(workspace, state, {"X-Forwarded-For": "127.0.0.1"}) == 404


def asked_by_the_agent(workspace: Workspace, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(workspace.sandbox.nginx.address, 80, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": "shop.test", **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def asked_by_a_server(workspace: Workspace, path: str, headers: dict[str, str]) -> int:
    sandbox = workspace.sandbox
    lines = "".join(f"{name}: {value}\\r\\n" for name, value in {"Host": "shop.test", **headers}.items())
    request = f"GET {path} HTTP/1.0\\r\\n{lines}\\r\\n"
    asking = f"exec 3<>/dev/tcp/{sandbox.nginx.address}/80; printf '{request}' >&3; head -n 1 <&3"
    said = as_root(sandbox, sandbox.servers[0], f'bash -c "{asking}"')
    return int(said.split()[1])
