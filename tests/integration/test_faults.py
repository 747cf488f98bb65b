"""Faults in the middle of a stage, and states that only look like a first deployment."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from conftest import as_root, log_in
from test_nginx_modes import prepare

from jenkinsgen.nginx.scripts import INSTALL, script

if TYPE_CHECKING:
    from conftest import Workspace

pytestmark = pytest.mark.sandbox


def test_a_new_server_name_does_not_look_like_a_first_deployment(workspace: Workspace):
    """NGINX does not know the new name yet; the live colour must be found all the same, or it would be replaced."""
    workspace.deploy()
    workspace.change_spec(nginx={"server_name": "new.shop.test"})
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")

    assert workspace.release["colour"] == "blue"
    assert workspace.containers() == [["shop-blue", "shop-green"]] * 2
    assert workspace.get() == (200, "1.0.1")
    workspace.succeed("switch-nginx", "cleanup")


def test_nginx_that_does_not_answer_is_no_first_deployment(workspace: Workspace):
    workspace.deploy()
    nginx = workspace.sandbox.nginx
    workers = "cat /proc/$(cat /run/nginx.pid)/task/$(cat /run/nginx.pid)/children"
    as_root(workspace.sandbox, nginx, f"kill -STOP $({workers})")
    try:
        workspace.build()
        said = workspace.fail("build-image", 7)
    finally:
        as_root(workspace.sandbox, nginx, f"kill -CONT $({workers})")

    assert "does not answer" in said


def test_mode_reload_does_not_guess_when_the_site_is_neither_prepared_file(workspace: Workspace):
    """The team edits the prepared file of the live colour: the site file is now neither of the two."""
    prepare(workspace)
    workspace.deploy()
    as_root(workspace.sandbox, workspace.sandbox.nginx, "echo '# edited' >>/home/deploy/shop-conf/green.conf")
    workspace.build()

    said = workspace.fail("build-image", 8)

    assert "is neither" in said


def test_a_rollback_by_hand_during_the_drain_keeps_the_old_colour(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(cleanup={"drain": "10s"})
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    slow = threading.Thread(target=workspace.get, args=("/slow?ms=9000",))
    slow.start()
    time.sleep(0.5)
    workspace.succeed("switch-nginx")
    process = workspace.start("cleanup")
    time.sleep(2)
    as_root(workspace.sandbox, workspace.sandbox.nginx, "rm /var/lib/jenkinsgen/shop/blue")
    said, _ = process.communicate(timeout=60)
    slow.join()

    assert process.returncode == 8, said
    assert workspace.containers() == [["shop-blue", "shop-green"]] * 2
    assert workspace.get() == (200, "1.0.1")


def test_a_cut_ssh_connection_is_told_as_such_and_keeps_nothing_from_being_taken_back(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(service={"health": {"timeout": "12s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    process = workspace.start("deploy-colour")
    workspace.await_containers([["shop-blue", "shop-green"]] * 2)
    as_root(workspace.sandbox, workspace.sandbox.servers[0], "pkill -u deploy sshd")
    said, _ = process.communicate(timeout=60)

    # A cut in the middle of a call ends the stage at once; one between two calls is mended by the next, and then
    # it is the release that ends it.
    assert process.returncode in (4, 6), said
    assert "Traceback" not in said
    assert "take back failed" not in said
    assert workspace.containers() == [["shop-green"], ["shop-green"]]
    assert workspace.get() == (200, "1.0.1")


def test_sigterm_ends_a_build_that_says_nothing(workspace: Workspace):
    dockerfile = workspace.folder / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text() + 'RUN ["/app"]\n')
    workspace.build()
    process = workspace.start("build-image")
    assert process.stdout is not None
    said = ""
    while "RUN" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line

    code, rest = workspace.terminate(process)

    assert code == 143, said + rest


def test_a_linked_site_is_put_back_when_nginx_does_not_take_the_new_one(workspace: Workspace):
    """That a port is taken is not seen by `nginx -t`; only the reload meets it."""
    workspace.deploy()
    nginx = workspace.sandbox.nginx
    site, link = "/etc/nginx/conf.d/jenkinsgen-shop.conf", "/etc/nginx/sites-enabled/shop.conf"
    as_root(workspace.sandbox, nginx, f"mv {site} /etc/nginx/shop; ln -s ../shop {link}; nginx -s reload")
    text = as_root(workspace.sandbox, nginx, f"cat {link}").replace("listen 80;", "listen 80; listen 22;")
    host = log_in(workspace.sandbox, nginx)

    arguments = (link, "", "root", "", "shop", "", "", "")
    done = host.run(["sudo", "sh", "-c", script(*INSTALL), "sh", *arguments], stdin=text)
    host.close()

    assert done.exit_code == 4, done
    assert as_root(workspace.sandbox, nginx, f"readlink {link}") == "../shop\n"
    assert workspace.get() == (200, "1.0.1")
