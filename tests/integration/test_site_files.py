"""Files on the NGINX host that are not ours, or not ours any more; and whom root follows there."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import as_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

SITE = "/etc/nginx/conf.d/jenkinsgen-shop.conf"
SPA = "server {\\n    listen 80;\\n    server_name www.test shop.test;\\n    location / { return 200 spa; }\\n}\\n"
KEPT = """
cp -a /etc/nginx /root/nginx.kept
"""
RESTORE = """
rm -rf /etc/nginx/* /var/lib/jenkinsgen /srv/sites /root/victim
cp -a /root/nginx.kept/. /etc/nginx/
rm -rf /root/nginx.kept
install -d /var/lib/jenkinsgen
nginx -s reload
"""
# What `certbot --nginx --redirect` does: tests/data/nginx/certbot-redirect.conf is its own work.
CERTBOT = f"""
cd /etc/nginx
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop.test -keyout shop.key -out shop.pem 2>/dev/null
sed -i '/^    listen 80;$/d; $d' {SITE}
cat >>{SITE} <<'END'
    listen 443 ssl; # managed by Certbot
    ssl_certificate /etc/nginx/shop.pem; # managed by Certbot
    ssl_certificate_key /etc/nginx/shop.key; # managed by Certbot
}}
server {{
    if ($host = shop.test) {{
        return 301 https://$host$request_uri;
    }} # managed by Certbot
    listen 80;
    server_name shop.test;
    return 404; # managed by Certbot
}}
END
nginx -s reload
sleep 0.5
"""


@pytest.fixture(autouse=True)
def _restored(workspace: Workspace) -> Iterator[None]:
    """These tests change more of NGINX's configuration than the others."""
    root(workspace, KEPT)
    yield
    root(workspace, RESTORE)


def root(workspace: Workspace, script: str) -> str:
    return as_root(workspace.sandbox, workspace.sandbox.nginx, script)


def set_up(workspace: Workspace, *options: str) -> tuple[int, str]:
    """`jenkinsgen nginx setup SPEC | ssh root@nginx sh`: how it ended, and what it said."""
    command = [sys.executable, "-m", "jenkinsgen", "nginx", "setup", "pipelines/shop.yaml", *options]
    script = subprocess.run(command, cwd=workspace.folder, capture_output=True, text=True, check=True).stdout
    host = f"{workspace.sandbox.prefix}-{workspace.sandbox.nginx.name}"
    done = subprocess.run(
        ["docker", "exec", "-i", host, "sh"], input=script, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def securely(workspace: Workspace) -> str:
    """The version that answers on 443."""
    context = ssl._create_unverified_context()  # noqa: S323 - a certificate of its own
    connection = http.client.HTTPSConnection(workspace.sandbox.nginx.address, 443, context=context, timeout=10)
    connection.request("GET", "/", headers={"Host": "shop.test"})
    version = connection.getresponse().headers["X-Version"]
    connection.close()
    return version


def test_the_name_of_another_site_is_not_taken_away(workspace: Workspace):
    root(
        workspace,
        f"printf '{SPA}' >/etc/nginx/sites-available/spa; ln -s ../sites-available/spa /etc/nginx/sites-enabled/",
    )
    root(workspace, "nginx -s reload; sleep 0.5")
    workspace.build()

    said = workspace.fail("build-image", 8)

    assert "/etc/nginx/sites-enabled/spa:1 has the server_name shop.test on port 80 already" in said
    assert "nginx.mode: reload" in said
    code, said = set_up(workspace)
    assert (code, "/etc/nginx/sites-enabled/spa:3" in said) == (8, True)
    assert "has the server_name shop.test" in workspace.run("doctor")[1]
    assert workspace.get() == (200, "")
    assert root(workspace, "ls -A /etc/nginx/conf.d /var/lib/jenkinsgen").split() == [
        *("/etc/nginx/conf.d:", "/var/lib/jenkinsgen:")
    ]
    # It comes between the look and the switch.
    root(workspace, "rm /etc/nginx/sites-enabled/spa; nginx -s reload; sleep 0.5")
    workspace.succeed("build-image", "deploy-colour")
    root(workspace, "ln -s ../sites-available/spa /etc/nginx/sites-enabled/; nginx -s reload; sleep 0.5")
    assert "/etc/nginx/sites-enabled/spa:1 has the server_name shop.test" in workspace.fail("switch-nginx", 8)
    assert workspace.get() == (200, "")


def test_who_takes_our_name_later_is_named(workspace: Workspace):
    workspace.deploy()
    root(workspace, f"printf '{SPA}' >/etc/nginx/conf.d/a.conf; nginx -s reload; sleep 0.5")
    workspace.build()

    said = workspace.fail("build-image", 7)

    assert "NGINX does not answer with it" in said
    assert "/etc/nginx/conf.d/a.conf:1 has the same server_name, shop.test, on port 80" in said
    assert "it ignores ours" in said


def test_what_certbot_made_of_our_file_is_kept_and_stops_no_rollback(workspace: Workspace):
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    root(workspace, CERTBOT)
    edited = root(workspace, f"cat {SITE}")
    assert securely(workspace) == "1.0.2"
    assert workspace.get()[0] == 301

    said = workspace.succeed("rollback")

    assert "was edited by hand, and stays as it is" in said
    assert securely(workspace) == "1.0.1"
    assert root(workspace, f"cat {SITE}") == edited
    workspace.build()
    said = workspace.fail("build-image", 8)
    assert "was edited by hand" in said
    assert "+    listen 443 ssl; # managed by Certbot" in said
    assert "--take-back" in said
    assert "edited by hand" in workspace.succeed("status")
    assert workspace.fail("plan", 8).count("listen 443 ssl; # managed by Certbot") == 1
    code, said = set_up(workspace)
    assert (code, "was edited by hand" in said) == (8, True)
    assert root(workspace, f"cat {SITE}") == edited

    workspace.change_spec(nginx={"certificate": "/etc/nginx/shop.pem", "certificate_key": "/etc/nginx/shop.key"})
    code, said = set_up(workspace, "--take-back")
    assert code == 0, said
    assert root(workspace, "cat /etc/nginx/conf.d/.jenkinsgen-shop.conf.edited") == edited
    assert securely(workspace) == "1.0.1"
    workspace.deploy()
    assert securely(workspace) == "1.0.4"


def test_an_edit_between_the_look_and_the_installation_is_seen(workspace: Workspace):
    """Here the file is edited before the switch; the site would have to change, and the flag is not enough."""
    workspace.deploy()
    workspace.change_spec(nginx={"proxy": {"read_timeout": "70s"}})
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    root(workspace, f"echo '# mine' >>{SITE}; nginx -s reload; sleep 0.5")

    assert "stays as it is" in workspace.succeed("switch-nginx")

    assert "# mine" in root(workspace, f"cat {SITE}")
    assert workspace.get() == (200, "1.0.2")


def test_a_site_outside_of_etc_nginx_is_tried_where_it_lies(workspace: Workspace):
    root(workspace, "mkdir -p /srv/sites; sed -i 's,http {,http { include /srv/*/*.conf;,' /etc/nginx/nginx.conf")
    root(
        workspace,
        "mv /etc/nginx/nginx.conf /srv/main; ln -s /srv/main /etc/nginx/nginx.conf; nginx -s reload; sleep 0.5",
    )
    workspace.change_spec(nginx={"site": "/srv/sites/shop.conf"})
    workspace.deploy()
    workspace.change_spec(nginx={"proxy": {"read_timeout": "70s"}})
    workspace.deploy()

    assert workspace.get() == (200, "1.0.2")
    assert "proxy_read_timeout 70s" in root(workspace, "cat /srv/sites/shop.conf")
    assert root(workspace, "ls -A /srv/sites").split() == ["shop.conf"]
    root(workspace, "echo 'nonsense;' >/srv/sites/other.conf")
    workspace.change_spec(nginx={"proxy": {"read_timeout": "80s"}})
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    assert 'unknown directive "nonsense" in /srv/sites/other.conf:1' in workspace.fail("switch-nginx", 7)
    root(workspace, "rm /srv/main; rm -r /srv/sites")


@pytest.mark.parametrize(
    ("site", "prepare", "found"),
    [
        ("/etc/nginx/sites-available/shop", ":", "no include of nginx.conf leads to /etc/nginx/sites-available/shop"),
        (
            "/etc/nginx/snippets/shop.conf",
            "echo 'server { listen 81; include snippets/shop*; }' >/etc/nginx/conf.d/o.conf",
            "/etc/nginx/conf.d/o.conf:1 includes /etc/nginx/snippets/shop.conf inside of http server",
        ),
        (
            "/etc/nginx/conf.d/team.conf",
            "echo 'server { listen 81; }' >/etc/nginx/conf.d/team.conf",
            "/etc/nginx/conf.d/team.conf is there, and is not one that jenkinsgen wrote",
        ),
        (
            "/etc/nginx/conf.d/cart.conf",
            "echo '# Made by jenkinsgen for the service cart. It' >/etc/nginx/conf.d/cart.conf",
            "/etc/nginx/conf.d/cart.conf is there, and is that of the service cart",
        ),
    ],
)
def test_a_place_that_cannot_hold_our_file_is_told_before_the_build(
    workspace: Workspace, site: str, prepare: str, found: str
):
    root(workspace, prepare)
    before = root(workspace, "cd /etc/nginx; find . -type f | xargs sha256sum")
    workspace.change_spec(nginx={"site": site})
    workspace.build()

    assert found in workspace.fail("build-image", 8)

    code, said = set_up(workspace)
    assert code in {3, 8}, said
    assert root(workspace, "cd /etc/nginx; find . -type f | xargs sha256sum") == before


def test_root_follows_no_link_that_the_deploying_user_has_placed(workspace: Workspace):
    root(
        workspace,
        "install -d /root/victim; chown deploy /var/lib/jenkinsgen; ln -s /root/victim /var/lib/jenkinsgen/shop",
    )
    code, said = set_up(workspace)
    assert (code, "/var/lib/jenkinsgen has to be root's alone to write" in said) == (7, True)
    root(workspace, "chown root /var/lib/jenkinsgen")
    code, said = set_up(workspace)
    assert (code, "/var/lib/jenkinsgen/shop is a link" in said) == (8, True)
    root(workspace, "rm /var/lib/jenkinsgen/shop; chown deploy /etc/nginx/conf.d; echo precious >/root/victim/file")
    # A link in place of the draft that root is about to write.
    root(workspace, f"ln -s /root/victim/file /etc/nginx/conf.d/.{SITE.rpartition('/')[2]}.jenkinsgen")
    code, said = set_up(workspace)
    assert code == 0, said
    assert root(
        workspace, "stat -c %U /root/victim; cat /root/victim/file; stat -c %U:%a /etc/nginx/conf.d/j*"
    ).split() == [*("root", "precious", "root:644")]


def test_nobody_from_outside_asks_what_is_for_this_host_alone(workspace: Workspace):
    """NGINX believes everybody who says whom he asks for: then a client may be 127.0.0.1."""
    workspace.change_spec(strategy="canary", canary={"steps": [{"percent": 5, "hold": "5s"}]}, guard={})
    root(workspace, "echo 'set_real_ip_from 0.0.0.0/0;' >/etc/nginx/conf.d/real.conf")
    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    root(
        workspace,
        "cd /var/lib/jenkinsgen/shop; mkdir -p canaries/green-7; ln -sfn canaries/green-7 canary;"
        " touch canary/green-always; echo secret >/root/secret; chmod 644 /root/secret; "
        "ln -s /root/secret canary/green",
    )

    def ask(path: str, *, inside: bool) -> str:
        address = "127.0.0.1" if inside else workspace.sandbox.nginx.address
        claim = "" if inside else "-H 'X-Real-IP: 127.0.0.1' -H 'X-Forwarded-For: 127.0.0.1'"
        url = f"http://{address}/.jenkinsgen/shop/{path}"
        return root(workspace, f"curl -s {claim} -H 'Host: shop.test' {url} -w ' %{{http_code}}'")

    assert ask("state", inside=True).startswith("shop green")
    assert ask("canary", inside=True) == "shop /var/lib/jenkinsgen/shop/canaries/green-7\n 200"
    for path in ("state", "canary", "health", "canary/health"):
        assert ask(path, inside=False).endswith(" 404")
