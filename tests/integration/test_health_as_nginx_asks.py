"""A look at health says what NGINX will say: applications answer others in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import as_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

CERTIFICATE = (
    "cd /etc/nginx && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop.test"
    " -keyout shop.key -out shop.pem 2>/dev/null"
)
DEFAULT = "/etc/nginx/sites-enabled/default"


def test_an_application_that_sends_http_away_to_https_is_healthy_behind_a_certificate(workspace: Workspace):
    as_root(workspace.sandbox, workspace.sandbox.nginx, CERTIFICATE)
    workspace.change_spec(nginx={"certificate": "/etc/nginx/shop.pem", "certificate_key": "/etc/nginx/shop.key"})

    assert "shop-green healthy 3 times in a row" in workspace.deploy(https_only=1)

    # Without one NGINX would tell it http, and its clients would be sent away: that is said, and nothing guessed.
    workspace.change_spec(nginx={"certificate": None, "certificate_key": None})
    workspace.build()
    workspace.succeed("build-image")
    said = workspace.fail("deploy-colour", 6)
    assert "/actuator/health redirects to https://shop.test/" in said
    assert "NGINX will tell it X-Forwarded-Proto: http" in said


@pytest.fixture
def _no_other_default_server(workspace: Workspace) -> Iterator[None]:
    nginx = workspace.sandbox.nginx
    as_root(workspace.sandbox, nginx, f"mv {DEFAULT} /root/default && nginx -s reload")
    yield
    as_root(workspace.sandbox, nginx, f"rm -f /etc/nginx/conf.d/* && mv /root/default {DEFAULT} && nginx -s reload")


@pytest.mark.usefixtures("_no_other_default_server")
def test_a_server_without_a_name_is_asked_with_a_host_that_application_servers_accept(workspace: Workspace):
    workspace.change_spec(nginx={"server_name": "_"})

    workspace.deploy(strict_host=1)

    assert workspace.get() == (200, "1.0.1")


@pytest.fixture
def _a_page_for_everybody(workspace: Workspace) -> Iterator[None]:
    nginx = workspace.sandbox.nginx
    page = "server { listen 8080; location / { return 200; } }"
    as_root(workspace.sandbox, nginx, f"echo '{page}' > /etc/nginx/conf.d/page.conf && nginx -s reload")
    yield
    as_root(workspace.sandbox, nginx, "rm -f /etc/nginx/conf.d/page.conf && nginx -s reload")


@pytest.mark.usefixtures("_a_page_for_everybody")
@pytest.mark.parametrize("origin", ["agent", "nginx"])
def test_an_address_that_leads_to_another_machine_makes_no_release_healthy(workspace: Workspace, origin: str):
    """Whoever answers there would answer for the new container as well, whether it is well or not."""
    one, two = workspace.sandbox.servers
    elsewhere = workspace.sandbox.nginx.address
    servers = [f"deploy@{one.address}", {"ssh": f"deploy@{two.address}", "address": elsewhere}]
    workspace.change_spec(servers=servers, service={"health": {"from": origin}})
    workspace.build()
    workspace.succeed("build-image")

    said = workspace.fail("deploy-colour", 8)

    assert f"{elsewhere}:8080 answers /actuator/health healthily already" in said
    assert "servers[].address" in said
    assert "start shop-green" not in said
    assert workspace.containers() == [[], []]
