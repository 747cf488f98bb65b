"""The parts of the sandbox that need no server."""

from __future__ import annotations

import json
import socket
import ssl
import stat
import subprocess
import threading
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import paramiko
import pytest
import yaml
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from jenkinsgen.errors import StateError, ToolMissing
from jenkinsgen.report import Report
from jenkinsgen.sandbox import engine, files, hosts, image, keys, lifecycle, network, shop
from jenkinsgen.sandbox.model import Sandbox, from_json, lay_out
from jenkinsgen.sandbox.place import NAME_VARIABLE, Place, here
from jenkinsgen.sandbox.world import World, all_worlds

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv(NAME_VARIABLE, "one")
    return here()


@pytest.fixture
def sandbox(place: Place) -> Sandbox:
    place.folder.mkdir(parents=True)
    return lay_out(
        prefix=place.prefix,
        folder=place.folder,
        world=World(),
        image="jenkinsgen-sandbox:0",
        subnet=IPv4Network("172.30.77.0/24"),
        servers=3,
        password="p4ss",
    )


def test_sandboxes_of_two_names_share_nothing_but_the_engine(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(NAME_VARIABLE)
    default = here()
    assert default.engine_folder == place.engine_folder
    assert {default.prefix, default.folder, default.record}.isdisjoint({place.prefix, place.folder, place.record})


@pytest.mark.parametrize("name", ["Two", "a/b", "..", "x" * 21])
def test_a_name_that_is_no_file_name_is_refused(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(NAME_VARIABLE, name)
    with pytest.raises(ToolMissing, match=NAME_VARIABLE):
        here()


def test_a_sandbox_is_read_back_as_it_was_written(sandbox: Sandbox):
    assert from_json(sandbox.to_json()) == sandbox
    assert sandbox.registry_password not in repr(sandbox)


def test_the_first_free_subnet_is_chosen():
    assert network.choose([]) == network.CANDIDATES[0]
    inside = IPv4Network("172.30.77.128/25")
    assert network.choose([inside]) == network.CANDIDATES[1]
    assert network.choose([IPv4Network("172.16.0.0/12")]) == IPv4Network("10.213.77.0/24")


def test_without_a_free_subnet_the_error_says_what_to_do():
    with pytest.raises(StateError, match="docker network ls"):
        network.choose(network.CANDIDATES)


@pytest.mark.skipif("sys.byteorder != 'little'", reason="the table was recorded on such a machine")
def test_routes_are_read_from_the_kernels_table():
    table = (
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "br-1\t004D1EAC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    )
    assert list(network.routed(table)) == [IPv4Network("172.30.77.0/24")]


def test_files_hold_the_hosts_real_keys_and_secrets_are_private(sandbox: Sandbox, place: Place):
    files.write(sandbox, place.folder)

    known = paramiko.HostKeys(str(sandbox.known_hosts))
    for host in sandbox.hosts:
        own = files.host_folder(place.folder, host)
        key = paramiko.Ed25519Key.from_private_key_file(str(own / "ssh_host_ed25519_key"))
        assert known.check(host.address, key)
        assert (own / "authorized_keys").read_text().split()[1] == public_part(sandbox.key_file)
    readable = {
        path.relative_to(place.folder).name
        for path in place.folder.rglob("*")
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077
    }
    assert readable == {"authorized_keys", "ca.crt", "known_hosts", "ssh_config", "tls.crt"}


def public_part(private_key: Path) -> str:
    return paramiko.Ed25519Key.from_private_key_file(str(private_key)).get_base64()


def test_credentials_are_those_that_the_spec_names(sandbox: Sandbox, place: Place):
    files.write(sandbox, place.folder)
    held = json.loads(sandbox.credentials_file.read_text())
    spec = yaml.safe_load(shop.spec_text(sandbox))
    assert {spec["ssh"]["credential"], spec["image"]["credential"]} == set(held)
    load_ssh_private_key((place.folder / "deploy_key").read_bytes(), password=None)
    assert held["registry-login"]["password"] == "p4ss"


def test_the_registrys_certificate_convinces_who_trusts_the_authority(tmp_path: Path):
    ca = keys.authority()
    server = keys.server_certificate(ca, "127.0.0.1")
    for name, content in (("ca", ca.certificate), ("crt", server.certificate), ("key", server.key)):
        (tmp_path / name).write_bytes(content)
    listener = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "crt", tmp_path / "key")

    def answer() -> None:
        with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
            connection.sendall(b"hello")

    thread = threading.Thread(target=answer)
    thread.start()
    trust = ssl.create_default_context(cafile=str(tmp_path / "ca"))
    with (
        socket.create_connection(listener.getsockname()) as plain,
        trust.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        assert connection.recv(5) == b"hello"
    thread.join()
    listener.close()


def test_the_repository_holds_the_app_and_the_spec_in_one_commit(sandbox: Sandbox):
    shop.make_repository(sandbox)
    listed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "main"],
        cwd=sandbox.repository,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {"app.c", "app.conf", "Dockerfile", "Makefile", "pipelines/shop.yaml"} <= set(listed)
    assert "app" not in listed


def test_only_app_servers_get_the_rights_of_an_engine(sandbox: Sandbox, place: Place):
    strong = [host.name for host in sandbox.hosts if "--cap-add=ALL" in hosts.run_arguments(place, sandbox, host)]
    assert strong == ["app1", "app2", "app3"]


def test_each_world_has_an_image_of_its_own():
    tags = {world.tag for world in all_worlds()}
    assert {"bookworm", "trixie", "sid", "bookworm-podman"} == tags
    assert len({image.recipe_name(image.REPOSITORY, "host", f"{tag}-") for tag in tags}) == len(tags)


def test_each_world_brings_its_engine_and_the_client_that_ssh_needs():
    clients = {world.tag: {"docker.io", "docker-cli"} & set(world.packages.split()) for world in all_worlds()}
    assert clients == {
        "bookworm": {"docker.io"},
        "trixie": {"docker.io", "docker-cli"},
        "sid": {"docker.io", "docker-cli"},
        "bookworm-podman": {"docker.io"},
    }
    assert "podman" in World(engine="podman").packages.split()


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (World("trixie"), "the sandbox that is there is bookworm, not trixie"),
        (World(engine="podman"), "the sandbox that is there is bookworm, not bookworm with podman"),
    ],
)
def test_a_sandbox_of_another_world_is_never_taken_for_the_one_that_is_asked_for(
    sandbox: Sandbox, wanted: World, message: str
):
    with pytest.raises(StateError, match=message) as refused:
        lifecycle._check_fits(sandbox, None, wanted)
    assert refused.value.hint == lifecycle.DOWN_HINT
    lifecycle._check_fits(sandbox, None, World())


def test_an_engine_on_another_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "ssh://deploy@192.0.2.1")
    with pytest.raises(ToolMissing, match="on another machine"):
        engine.ensure(tmp_path, Report())


def test_a_process_with_the_number_of_our_dead_engine_is_not_ours(tmp_path: Path):
    (tmp_path / "dockerd.pid").write_text("1")
    assert not engine.is_ours(tmp_path)
    engine.stop(tmp_path)
    assert not tmp_path.exists()
