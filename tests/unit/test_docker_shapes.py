"""Whatever an engine answers, its reader gives our own data or the error of that engine: never anything else."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from examples import pipeline, release
from fake_engine import Asked, FakeEngine, Reply
from how_many import of_examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_docker_start import PUBLISHED, STEP
from test_swarm_json import NODE, SERVICE, TASK

from jenkinsgen.deploy.container import start_container
from jenkinsgen.deploy.steps import BuildImage, PushImage
from jenkinsgen.deploy.steps.swarm import CreateService, LabelNodes
from jenkinsgen.edge.docker import containers as docker_containers
from jenkinsgen.edge.docker import images as docker_images
from jenkinsgen.edge.docker import look as docker_look
from jenkinsgen.edge.docker import read as docker_read
from jenkinsgen.edge.docker.podman import Podman
from jenkinsgen.edge.docker.stream import json_lines, read_json, unframed
from jenkinsgen.edge.swarm import manager as swarm
from jenkinsgen.edge.swarm import read as swarm_read
from jenkinsgen.edge.swarm.manager import Swarm
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.stages.operate import log_follower

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.edge.docker.engine import Engine

REFERENCE = "registry.example.com/shop@sha256:" + "0" * 64
CONTAINER: dict[str, Any] = {
    "Id": "c1",
    "Image": "sha256:1",
    "RestartCount": 2,
    "State": {
        "Status": "running",
        "Running": True,
        "ExitCode": 0,
        "OOMKilled": False,
        "StartedAt": "2026-11-23T08:42:10.123456789Z",
    },
    "HostConfig": {
        "PortBindings": {"8080/tcp": [{"HostIp": "", "HostPort": "8081"}]},
        "Memory": 1024,
        "NanoCpus": 1500000000,
        "Binds": ["/a:/b"],
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    },
    "Config": {"Env": ["A=b", "C=d=e"], "Image": REFERENCE},
    "NetworkSettings": {"Ports": PUBLISHED},
}
LISTED = {
    "Id": "c1",
    "Names": ["/shop-blue"],
    "Labels": {"a": "b"},
    "State": "running",
    "Ports": [{"PrivatePort": 8080, "PublicPort": 8081, "Type": "tcp"}, {"PrivatePort": 9000, "Type": "tcp"}],
    "Image": REFERENCE,
}
STORED = {"Id": "sha256:1", "Created": 1790000000, "Labels": {"jenkinsgen.service": "shop"}}
IMAGE = {"Id": "sha256:" + "1" * 64, "Size": 1000, "Config": {"Env": ["A=b"]}}
VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "Components": [{"Name": "Engine"}]}
INFO = {"DockerRootDir": "/var/lib/docker", "Swarm": {"LocalNodeState": "active", "ControlAvailable": True}}
MESSAGE = {"status": "Pushed", "id": "1", "aux": {"Digest": "sha256:1"}}
READERS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "containers": (docker_read.read_containers, [LISTED]),
    "images": (lambda found: docker_read.read_images(found, "shop"), [STORED]),
    "ended": (docker_read.read_ended, CONTAINER),
    "restarts": (docker_read.read_restarts, CONTAINER),
    "image of": (docker_read.read_image_of, CONTAINER),
    "inspected": (lambda found: docker_read.read_inspected(found, ["A=b"]), CONTAINER),
    "published": (docker_read.read_published, CONTAINER),
    "created": (docker_read.read_created, CONTAINER),
    "exit code": (docker_read.read_exit_code, {"ExitCode": 3}),
    "image environment": (docker_read.read_image_environment, IMAGE),
    "image size": (docker_read.read_image_size, IMAGE),
    "version": (docker_read.read_version, VERSION),
    "folder": (docker_read.read_folder, INFO),
    "membership": (docker_read.read_membership, INFO),
    "message": (docker_read.read_message, MESSAGE),
    "node": (swarm_read.read_node, NODE),
    "node spec": (swarm_read.read_node_spec, {**NODE, "Version": {"Index": 5}}),
    "service": (swarm_read.read_service, SERVICE),
    "task": (swarm_read.read_task, TASK),
    "service of": (swarm_read.service_of, TASK),
    "node of": (swarm_read.node_of, TASK),
    "labelled": (lambda found: swarm_read.labelled(found, "a", "b"), SERVICE),
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**62, max_value=2**2000)
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "\x1b[31m", "2026-13-45T00:00:00Z", "8081-8082", "9" * 5000, "/", ":", "="]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(found: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of each value inside of another one, and of it itself."""
    inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def replaced(found: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    result = copy.deepcopy(found)
    at = result
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return result


@pytest.mark.parametrize("name", READERS)
def test_a_reader_reads_what_is_right(name: str):
    read, right = READERS[name]
    read(right)


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
@settings(max_examples=of_examples(0.4), deadline=None)
def test_a_reader_raises_no_more_than_value_error(name: str, data: st.DataObject):
    read, right = READERS[name]
    wrong = replaced(right, data.draw(st.sampled_from(places(right))), data.draw(ANYTHING))
    with suppress(ValueError):
        read(wrong)


def test_an_environment_that_cannot_be_read_is_not_shown():
    wrong = replaced(CONTAINER, ("Config", "Env"), ["A=b", 5, "PASSWORD=hidden"])
    with pytest.raises(ValueError, match="Env") as error:
        docker_read.read_inspected(wrong, [])
    assert "hidden" not in str(error.value)


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_bytes_that_are_no_stream_raise_no_more_than_value_error(pieces: list[bytes]):
    with suppress(ValueError):
        list(map(docker_read.read_message, json_lines(pieces)))
    with suppress(ValueError):
        list(unframed(pieces))


@given(st.text() | st.just("2026-11-23T08:33:44.123456789Z"))
def test_a_log_whose_times_are_none_is_followed_from_its_beginning(moment: str):
    assert log_follower._seconds(moment) in {0, 1795422824}


def test_json_that_is_nested_too_deep_is_a_value_error():
    with pytest.raises(ValueError, match="too deep"):
        read_json(b"[" * 100_000)


CALLS: list[Callable[[Engine], Any]] = [
    lambda engine: engine.state("app1", "shop"),
    lambda engine: engine.ended("c1"),
    lambda engine: engine.restarts("c1"),
    lambda engine: engine.inspect("c1"),
    lambda engine: engine.log("c1"),
    lambda engine: Podman(engine.api, "192.0.2.11").inspect("c1"),
    lambda engine: Podman(engine.api, "192.0.2.11").ended("c1"),
    lambda engine: engine.start(STEP, {}),
    lambda engine: engine.keep_running("c1"),
    lambda engine: engine.has(REFERENCE),
    lambda engine: engine.tag("a", "b", "c"),
    lambda engine: engine.remove_container("c1", 1),
    lambda engine: engine.remove_started("a", "b"),
    lambda engine: engine.remove_image("sha256:1"),
    lambda engine: docker_images.pull(engine, REFERENCE, {"username": "a", "password": "b"}, lambda: None),
    lambda engine: docker_images.push(engine, PushImage("a", "b"), None, lambda _: None, lambda: None),
    lambda engine: docker_images.build(
        engine, BuildImage("tests/golden/errors", "x", "a:b", {}, {}), None, lambda _: None, lambda: None
    ),
    docker_look.engine_facts,
    lambda engine: docker_look.running_images(engine, engine.containers()),
    lambda engine: docker_look.ask_registry(engine, REFERENCE, None),
    lambda engine: docker_containers.read_log(engine, "c1", "stdout", 5),
    lambda engine: list(docker_containers.follow_log(engine, "c1", "stderr", 0)),
    lambda engine: docker_containers.execute(engine, "c1", ["ls"], lambda *_: None),
]
RIGHT: dict[str, Any] = {
    "/containers/json": [LISTED],
    "/images/json": [STORED],
    "/containers/c1/json": CONTAINER,
    "/images/sha256:1/json": IMAGE,
    "/containers/create": {"Id": "c1"},
    "/exec/c1/json": {"ExitCode": 0},
    "/containers/c1/exec": {"Id": "c1"},
    "/version": VERSION,
    "/info": INFO,
    "/nodes": [NODE],
    "/nodes/1spq": {**NODE, "Version": {"Index": 5}},
    "/services": [SERVICE],
    "/tasks": [TASK],
}


class Strange:
    """An engine that answers as it should, but for one answer in one place."""

    def __init__(self) -> None:
        self.where = ""
        self.reply = Reply()

    def __call__(self, asked: Asked) -> Reply:
        reply = self.reply if self.where in asked.path else Reply(RIGHT.get(asked.path, {}))
        # What a command says has no length: it ends with the connection.
        return replace(reply, headers=(("Connection", "close"),)) if asked.path.endswith("/start") else reply


REPLIES = (
    ANYTHING.map(lambda found: json.dumps(found).encode())
    | st.sampled_from([json.dumps(right).encode() for right in RIGHT.values()])
    | st.binary(max_size=40)
    | st.just(b"[" * 100_000)
)
# The SDK closes neither the connection of a command nor the archive of a build when it meets an error.
LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
SOMEWHERE = st.sampled_from(
    ["", "containers", "/json", "images", "create", "exec", "logs", "nodes", "tasks", "services"]
)
STATUS = st.sampled_from([200, 200, 200, 200, 204, 301, 400, 404, 404, 409, 500, 503])


@LEFT_OPEN
@given(call=st.sampled_from(CALLS), where=SOMEWHERE, body=REPLIES, status=STATUS, chunked=st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_an_engine_answers_is_an_error_of_ours(
    strange: tuple[Strange, FakeEngine],
    call: Callable[[Engine], Any],
    where: str,
    body: bytes,
    status: int,
    *,
    chunked: bool,
):
    answers, fake = strange
    answers.where = where
    body = b"" if status == 204 else body
    answers.reply = Reply(body, status, pieces=(lambda: [body] if body else []) if chunked and status != 204 else None)
    with suppress(JenkinsgenError):
        call(fake.engine)


SWARM_CALLS: list[Callable[[Swarm], Any]] = [
    lambda manager: manager.nodes(),
    lambda manager: manager.found(),
    lambda manager: manager.task_log("4es4", 5),
    lambda manager: manager.label_nodes(LabelNodes("a", ("192.0.2.11",))),
    lambda manager: manager.create(CreateService(start_container(pipeline(), release()), "a", 1.0), {}, None),
    lambda manager: manager.remove_started("a", "b", "shop-blue", 0.0, lambda _: None),
    lambda manager: manager.find_image(REFERENCE, None),
]
# Two servers with addresses, so that no name has to be asked for.
SPEC = pipeline("{servers: [deploy@192.0.2.11, deploy@192.0.2.12]}")


@LEFT_OPEN
@given(call=st.sampled_from(SWARM_CALLS), where=SOMEWHERE, body=REPLIES, status=STATUS)
@settings(max_examples=of_examples(0.6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("_hurry")
def test_whatever_a_manager_answers_is_an_error_of_ours(
    strange: tuple[Strange, FakeEngine], call: Callable[[Swarm], Any], where: str, body: bytes, status: int
):
    answers, fake = strange
    answers.where, answers.reply = where, Reply(b"" if status == 204 else body, status)
    manager: Any = type("Manager", (), {"address": "192.0.2.10"})()
    with suppress(JenkinsgenError):
        call(Swarm(manager, fake.engine, SPEC))


@pytest.fixture
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for the tasks of a service to end."""
    monkeypatch.setattr(swarm, "_LEAVING_SECONDS", 0.0)


@pytest.fixture
def strange() -> Any:
    answers = Strange()
    with FakeEngine(answers) as fake:
        yield answers, fake
