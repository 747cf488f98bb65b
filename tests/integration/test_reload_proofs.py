"""Mode reload: what does not move with the switch, or cannot be seen, is said before anything moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import as_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

PREPARED = """
install -d -o deploy /home/deploy/shop-conf
install -d /srv/static/actuator
echo static >/srv/static/actuator/health
for pair in green:8080 blue:8081; do
    colour=${pair%%:*} port=${pair##*:}
    {
        echo "upstream shop_$colour {"
        for address in SERVERS; do echo "    server $address:$port;"; done
        echo "}"
        echo "server { listen 80; server_name shop.test;"
        echo "    root /srv/static;"
        echo "    location / { proxy_pass http://shop_$colour; }"
        echo "    location /api/ { proxy_pass http://shop_$colour; }"
        echo "    HEALTH"
        echo "}"
    } >/home/deploy/shop-conf/$colour.conf
done
"""
HEALTH = "location = /actuator/health { proxy_pass http://shop_$colour; }"
STATIC = "location = /actuator/health { }"
HIDDEN = "location /actuator/health { deny all; }"
BLUE = "/home/deploy/shop-conf/blue.conf"


def prepare(workspace: Workspace, health: str = HEALTH, **nginx: str) -> None:
    addresses = " ".join(server.address for server in workspace.sandbox.servers)
    text = PREPARED.replace("SERVERS", addresses).replace("HEALTH", health)
    as_root(workspace.sandbox, workspace.sandbox.nginx, text)
    workspace.change_spec(
        nginx={
            "mode": "reload",
            "site": "/etc/nginx/sites-enabled/shop.conf",
            "prepared": {"green": "/home/deploy/shop-conf/green.conf", "blue": BLUE},
            **nginx,
        }
    )


def on_nginx(workspace: Workspace, script: str) -> str:
    return as_root(workspace.sandbox, workspace.sandbox.nginx, script)


def test_a_location_that_leads_to_a_wrong_port_stops_the_build_before_it_builds(workspace: Workspace):
    """The static application answers the health path with 200, so no look through NGINX would notice."""
    prepare(workspace, STATIC)
    workspace.deploy()
    on_nginx(
        workspace, f"sed -i 's,/api/ {{ proxy_pass http://shop_blue,/api/ {{ proxy_pass http://127.0.0.1:8082,' {BLUE}"
    )
    workspace.build()

    said = workspace.fail("build-image", 10)

    assert "a switch could not be proven" in said
    assert "`proxy_pass http://127.0.0.1:8082`" in said
    assert "nginx.unproven: accept" in said
    assert not (workspace.folder / "release.json").exists() or workspace.release["build_number"] == 1
    assert workspace.get("/api/")[1] == "1.0.1"


@pytest.fixture
def _port_that_nginx_does_not_reach(workspace: Workspace) -> Iterator[None]:
    """A firewall lets the agent through to blue on the second server, and not the NGINX host."""
    server = workspace.sandbox.servers[1]
    rule = f"PREROUTING -s {workspace.sandbox.nginx.address} -p tcp --dport 8081 -j DROP"
    as_root(workspace.sandbox, server, f"iptables -t raw -I {rule}")
    yield
    as_root(workspace.sandbox, server, f"iptables -t raw -D {rule}")


@pytest.mark.usefixtures("_port_that_nginx_does_not_reach")
def test_a_server_that_nginx_does_not_reach_stops_the_switch_before_the_reload(workspace: Workspace):
    prepare(workspace, STATIC)
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")

    said = workspace.fail("switch-nginx", 7)

    assert "so nothing was switched" in said
    assert f"{workspace.sandbox.servers[1].address}:8081: no answer" in said
    assert "install /etc/nginx" not in said
    assert workspace.get("/api/")[1] == "1.0.1"


def test_a_health_path_that_nginx_hides_is_told_before_the_build(workspace: Workspace):
    prepare(workspace, HIDDEN, unproven="accept")
    said = workspace.deploy()
    assert "NGINX answers shop.test/actuator/health with status 403" in said
    assert "every server answered through NGINX" not in said
    prepare(workspace, HIDDEN, unproven="refuse")
    workspace.build()

    said = workspace.fail("build-image", 10)

    assert "NGINX answers shop.test/actuator/health with 403 and not with 200" in said
    assert "allow 127.0.0.1" in said

    # And who accepts that gets the switch, and hears what is not known.
    prepare(workspace, HIDDEN, unproven="accept")
    said = workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    assert "not proven" in said
    assert workspace.get() == (200, "1.0.2")
    # Back is never a matter of proofs.
    prepare(workspace, HIDDEN, unproven="refuse")
    assert "1.0.1" in workspace.succeed("rollback") or workspace.get() == (200, "1.0.1")


@pytest.fixture
def _another_file_with_the_name(workspace: Workspace) -> Iterator[None]:
    text = "server { listen 80; server_name shop.test; location / { return 204; } }"
    on_nginx(workspace, f"echo '{text}' >/etc/nginx/conf.d/spa.conf; nginx -s reload; sleep 0.5")
    yield
    on_nginx(workspace, "rm -f /etc/nginx/conf.d/spa.conf; nginx -s reload; sleep 0.5")


@pytest.mark.usefixtures("_another_file_with_the_name")
def test_what_the_first_switch_would_refuse_is_told_before_the_build(workspace: Workspace):
    prepare(workspace)
    workspace.build()

    said = workspace.fail("build-image", 8)

    assert "/etc/nginx/conf.d/spa.conf:1 has the server_name shop.test on port 80 already" in said
    assert "both prepared files" in said

    prepare(workspace, site="/etc/nginx/elsewhere/shop.conf")
    said = workspace.fail("build-image", 8)
    assert "no include of nginx.conf leads to /etc/nginx/elsewhere/shop.conf" in said
    assert not (workspace.folder / "release.json").exists()
