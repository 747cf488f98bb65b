"""A system that was made by hand serves on the ports of the spec: nobody is told to stop what gets the traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import as_root
from test_reload_proofs import prepare

if TYPE_CHECKING:
    from conftest import Workspace

pytestmark = pytest.mark.sandbox

# The container's own service on the port that green wants, as a hand-made pipeline leaves it.
CONTAINER = """
docker inspect -f '{{.Config.Image}}' shop-green >/tmp/image
docker rm -f shop-green >/dev/null
set -- --label jenkinsgen.service= --label jenkinsgen.colour=
docker run -d --name momo-app-8080 -p 8080:8080 "$@" "$(cat /tmp/image)"
"""
SITE = """
rm -rf /var/lib/jenkinsgen/shop /etc/nginx/conf.d/* /etc/nginx/sites-enabled/shop.conf
{
    echo "upstream momo {"
    for address in SERVERS; do echo "    server $address:8080;"; done
    echo "}"
    echo "server { listen 80; server_name shop.test; location / { proxy_pass http://momo; } }"
} >/etc/nginx/conf.d/momo.conf
nginx -t -q && nginx -s reload
"""


def made_by_hand(workspace: Workspace) -> None:
    """As the article that this project began with has it."""
    workspace.deploy()
    for server in workspace.sandbox.servers:
        as_root(workspace.sandbox, server, CONTAINER)
    addresses = " ".join(server.address for server in workspace.sandbox.servers)
    as_root(workspace.sandbox, workspace.sandbox.nginx, SITE.replace("SERVERS", addresses))


def test_a_system_made_by_hand_that_serves_is_left_running_and_other_ports_work_beside_it(workspace: Workspace):
    made_by_hand(workspace)
    # Its own name, so that nothing is in doubt but the port.
    workspace.change_spec(nginx={"server_name": "new.shop.test"})
    workspace.build()
    workspace.succeed("build-image")

    said = workspace.fail("deploy-colour", 8)

    assert "port 8080 is taken by the container momo-app-8080, which gets requests" in said
    assert "/etc/nginx/conf.d/momo.conf:" in said
    assert "leave it running: it serves" in said
    assert "choose other ports in service.ports" in said
    assert "stop that container" not in said
    assert workspace.get()[0] == 200

    # What the hint says.
    workspace.change_spec(service={"ports": {"green": 8090, "blue": 8091}})
    workspace.succeed("deploy-colour", "switch-nginx", "cleanup")
    assert workspace.containers() == [["momo-app-8080", "shop-green"]] * 2
    assert workspace.get()[0] == 200


def test_in_mode_reload_what_no_longer_serves_is_said_to_be_so_and_not_ordered_to_be_stopped(workspace: Workspace):
    """The first deployment takes the traffic away from it, the second one wants its port."""
    made_by_hand(workspace)
    as_root(workspace.sandbox, workspace.sandbox.nginx, "rm /etc/nginx/conf.d/momo.conf")
    prepare(workspace)
    copy = "cp /home/deploy/shop-conf/green.conf /etc/nginx/sites-enabled/shop.conf && nginx -s reload"
    as_root(workspace.sandbox, workspace.sandbox.nginx, copy)
    workspace.deploy()
    assert workspace.containers() == [["momo-app-8080", "shop-blue"]] * 2
    workspace.build()
    workspace.succeed("build-image")

    said = workspace.fail("deploy-colour", 8)

    assert "port 8080 is taken by the container momo-app-8080\n" in said
    assert "no configuration and no connection of the NGINX host leads there now, but others may use it" in said
    assert "stop that container" not in said
