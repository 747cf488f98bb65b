"""The registry, and the image in it."""

from __future__ import annotations

import base64
import ssl
import urllib.request
from typing import TYPE_CHECKING

import pytest
from breaking import full_disk, no_registry, on_small_disk

if TYPE_CHECKING:
    from conftest import Fault, Rows

    from jenkinsgen.sandbox import Sandbox

pytestmark = pytest.mark.faults


def test_the_image_does_not_exist(fault: Rows):
    with fault("image that does not exist") as row:
        row.build()
        row.succeed("build-image")
        _delete_from_registry(row)
        row.ends("deploy-colour", 5, "cannot be pulled", hint="the registry does not have this digest")


def _delete_from_registry(row: Fault) -> None:
    sandbox, release = row.sandbox, row.workspace.release
    repository = release["repository"].removeprefix(sandbox.registry + "/")
    url = f"https://{sandbox.registry}/v2/{repository}/manifests/{release['digest']}"
    login = base64.b64encode(f"{sandbox.registry_user}:{sandbox.registry_password}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"}
    request = urllib.request.Request(url, method="DELETE", headers=headers)
    trust = ssl.create_default_context(cafile=str(sandbox.ca_file))
    with urllib.request.urlopen(request, context=trust) as answer:  # noqa: S310 - https, see above
        assert answer.status == 202


def test_the_registry_is_down_at_push(fault: Rows):
    with fault("registry down at push") as row:
        row.build()
        with no_registry(row.sandbox):
            row.ends("build-image", 5, "cannot be pushed", row.sandbox.registry, hint="can the registry be reached")


def test_the_registry_is_down_at_pull(fault: Rows):
    with fault("registry down at pull") as row:
        row.build()
        row.succeed("build-image")
        with no_registry(row.sandbox):
            row.ends("deploy-colour", 5, "cannot be pulled", row.sandbox.registry, hint="can the registry be reached")


def test_the_registry_refuses_the_password_at_push(fault: Rows):
    with fault("registry credentials wrong at push") as row:
        row.workspace.extra["JENKINSGEN_REGISTRY_PASSWORD"] = "wrong-one"
        row.build()
        said = row.ends("build-image", 5, "cannot be pushed", hint="image.credential")
        assert "wrong-one" not in said


def test_the_registry_refuses_the_password_at_pull(fault: Rows):
    with fault("registry credentials wrong at pull") as row:
        row.build()
        row.succeed("build-image")
        row.workspace.extra["JENKINSGEN_REGISTRY_PASSWORD"] = "wrong-one"
        row.ends("deploy-colour", 5, "cannot be pulled", hint="image.credential")


def test_the_disk_of_a_server_is_full(fault: Rows, sandbox: Sandbox):
    server = sandbox.servers[1]
    with on_small_disk(sandbox, server), fault("disk full on one server", alone=True) as row:
        row.build()
        row.succeed("build-image")
        with full_disk(sandbox, server):
            row.ends("deploy-colour", 5, server.address, "no space left on device", hint="the disk is full")
