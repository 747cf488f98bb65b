"""What runs against what the spec says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import RELOAD, container, nginx_state, pipeline, release, servers

from jenkinsgen.container.settings import ContainerSettings
from jenkinsgen.deploy.drift import drift
from jenkinsgen.deploy.observed import DIGEST, Inspected, ServerState
from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.spec.colour import Colour

SPEC = """
service:
  memory: 100m
  cpus: 1.5
  volumes: ["/data:/data", "logs:/logs:ro"]
  environment: {MODE: prod}
  secrets: {DB_PASSWORD: db-password}
"""
SETTINGS = ContainerSettings(memory=100 * 1024**2, cpus=1.5, volumes=("logs:/logs:ro", "/data:/data"))
AS_WANTED = Inspected(
    state="running",
    exit_code=0,
    out_of_memory=False,
    since=1,
    restarts=0,
    ports={80: (8081,)},
    settings=SETTINGS,
    restart_policy="unless-stopped",
    environment={"MODE": "prod", "DB_PASSWORD": "s3cr3t", "PATH": "/bin"},
    inherited=frozenset({"PATH"}),
)
LIVE = container(Colour.BLUE)
JOURNAL = Journal((Entry(release(), 1),), live=release().version)


def found(inspected: Inspected = AS_WANTED, journal: Journal = JOURNAL) -> list[str]:
    spec = pipeline(SPEC)
    each = drift(spec, nginx_state(Colour.BLUE, spec), servers(LIVE), {LIVE.id: inspected}, journal)
    return [str(difference) for difference in each if difference.where != "192.0.2.12"]


def test_what_is_as_the_spec_says_has_not_drifted():
    assert found() == []


def test_what_podman_needs_to_start_a_container_again_is_no_drift():
    assert found(replace(AS_WANTED, restart_policy="always")) == []


def test_a_value_that_the_engine_gives_where_the_spec_has_none_is_no_difference():
    assert found(replace(AS_WANTED, settings=replace(SETTINGS, hostname="c0ffee123456"))) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ports": {80: (9000,)}}, "service.ports.blue is 9000; wanted: 8081"),
        ({"ports": {}}, "service.ports.blue is not published; wanted: 8081"),
        ({"settings": replace(SETTINGS, memory=None)}, "service.memory is unlimited; wanted: 100m"),
        ({"settings": replace(SETTINGS, memory=100)}, "service.memory is 100 bytes; wanted: 100m"),
        ({"settings": replace(SETTINGS, cpus=2.0)}, "service.cpus is 2; wanted: 1.5"),
        ({"settings": replace(SETTINGS, volumes=())}, "service.volumes is none; wanted: /data:/data, logs:/logs:ro"),
        ({"restart_policy": "no"}, "the restart policy is no; wanted: unless-stopped"),
    ],
)
def test_each_setting_is_compared(change: dict[str, object], said: str):
    assert found(replace(AS_WANTED, **change)) == [f"192.0.2.11: {said}"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"MODE": "test", "DB_PASSWORD": "s3cr3t"}, "the variable MODE is set to something else"),
        ({"MODE": "prod"}, "the variable DB_PASSWORD is not set"),
        ({"MODE": "prod", "DB_PASSWORD": "s3cr3t", "OLD": "v4lue"}, "the variable OLD is set; wanted: absent"),
    ],
)
def test_variables_are_named_and_their_values_are_not_told(environment: dict[str, str], said: str):
    (line,) = found(replace(AS_WANTED, environment=environment, inherited=frozenset()))

    assert said in line
    for value in ("test", "s3cr3t", "v4lue"):
        assert value not in line
    assert "s3cr3t" not in repr(AS_WANTED)


def test_a_variable_that_the_spec_wants_as_it_is_in_the_image_is_there():
    assert found(replace(AS_WANTED, inherited=frozenset({"PATH", "MODE"}))) == []


def test_the_journal_and_what_runs_are_the_same():
    assert found(journal=replace(JOURNAL, live="fedcba987654-6")) == [
        "the journal: the live release is fedcba987654-6; wanted: 0123456789ab-7"
    ]
    # A journal that is not there yet says nothing.
    assert found(journal=Journal()) == []


def test_servers_that_run_another_image_or_none_are_named():
    spec = pipeline()
    one, two = (replace(LIVE, id=each, labels={**LIVE.labels, DIGEST: f"sha256:{each * 64}"}) for each in "ab")
    both = {"192.0.2.11": ServerState("192.0.2.11", (one,)), "192.0.2.12": ServerState("192.0.2.12", (two,))}

    (image,) = drift(spec, nginx_state(Colour.BLUE), both, {}, Journal())
    (gone,) = drift(spec, nginx_state(Colour.GREEN), {"192.0.2.11": ServerState("192.0.2.11", (one,))}, {}, Journal())

    assert str(image) == (
        "the servers: the image is aaaaaaaaaaaa on 192.0.2.11, bbbbbbbbbbbb on 192.0.2.12; wanted: the same everywhere"
    )
    assert str(gone) == "192.0.2.11: shop-green is not there; wanted: running"


def test_the_site_file_is_compared_in_mode_flag_alone():
    edited = nginx_state(Colour.BLUE, site_text="# by hand")
    other = pipeline(RELOAD)

    assert [each.what for each in drift(pipeline(), edited, servers(LIVE), {}, Journal())] == [
        "/etc/nginx/conf.d/jenkinsgen-shop.conf"
    ]
    assert drift(other, nginx_state(Colour.BLUE, site_text="# the team's"), servers(LIVE), {}, Journal()) == ()


def test_nothing_is_compared_while_nothing_is_live():
    assert drift(pipeline(), nginx_state(None), servers(LIVE), {}, JOURNAL) == ()
    assert drift(pipeline(), None, servers(LIVE), {}, JOURNAL) == ()
