"""The NGINX host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from breaking import undone, without_ssh

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from conftest import Rows

    from jenkinsgen.sandbox import Sandbox

pytestmark = pytest.mark.faults


def test_the_host_is_unreachable_at_the_switch(fault: Rows):
    with fault("NGINX host unreachable at the switch") as row:
        nginx = row.sandbox.nginx
        row.build()
        row.succeed("build-image", "deploy-colour")
        with without_ssh(row.sandbox, nginx):
            row.ends(
                "switch-nginx",
                4,
                f"{nginx.address}: cannot be reached by SSH",
                hint="may this machine reach its SSH port",
            )


def test_somebody_broke_the_configuration(fault: Rows):
    """The switch is a file, so it does not mind."""
    with fault("nginx configuration broken by somebody else") as row:
        row.build()
        row.succeed("build-image", "deploy-colour")
        with _broken_configuration(row.sandbox):
            row.ends("switch-nginx", 0)
            row.succeed("cleanup")


def test_somebody_broke_the_configuration_and_the_site_must_change(fault: Rows):
    with fault("nginx configuration broken, and the site file must change") as row:
        row.workspace.change_spec(nginx={"proxy": {"body_size": "7m"}})
        row.build()
        row.succeed("build-image", "deploy-colour")
        with _broken_configuration(row.sandbox):
            row.ends("switch-nginx", 7, "nothing was changed", "broken.conf", hint="nginx -t")


def _broken_configuration(sandbox: Sandbox) -> AbstractContextManager[None]:
    path = "/etc/nginx/conf.d/broken.conf"
    return undone(sandbox, sandbox.nginx, f"echo 'server {{ nonsense; }}' >{path}", f"rm {path}")


def test_nginx_does_not_run(fault: Rows):
    with fault("nginx not running", load=False) as row:
        row.build()
        stop = "nginx -s stop; while pgrep -x nginx >/dev/null; do sleep 0.05; done"
        with undone(row.sandbox, row.sandbox.nginx, stop, "nginx"):
            row.ends("build-image", 7, "NGINX does not answer", hint="does NGINX run")


def test_the_folder_of_the_flag_is_not_writable(fault: Rows):
    with fault("flag directory not writable") as row:
        row.build()
        with _locked_folder(row.sandbox):
            row.ends("build-image", 8, "the folder of the flag is readonly", hint="an administrator runs once")


def test_the_folder_of_the_flag_is_not_writable_any_more_at_the_switch(fault: Rows):
    with fault("flag directory not writable any more at the switch") as row:
        row.build()
        row.succeed("build-image", "deploy-colour")
        with _locked_folder(row.sandbox):
            row.ends("switch-nginx", 8, "/var/lib/jenkinsgen/shop cannot be written", hint="does it belong to the user")


def _locked_folder(sandbox: Sandbox) -> AbstractContextManager[None]:
    folder = "/var/lib/jenkinsgen/shop"
    return undone(sandbox, sandbox.nginx, f"chown root {folder}", f"chown deploy {folder}")
