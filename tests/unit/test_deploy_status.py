"""One screen: what was gathered as lines and as data."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from examples import container, nginx_state, pipeline, release, servers
from test_deploy_drift import AS_WANTED

from jenkinsgen.container.settings import ContainerSettings
from jenkinsgen.deploy.health import Answer
from jenkinsgen.deploy.observed import StoredImage
from jenkinsgen.deploy.screen import WIDTH, columns, lasting, moment
from jenkinsgen.deploy.state.history import Event, history_lines
from jenkinsgen.deploy.state.holding import Holding
from jenkinsgen.deploy.state.journal import Entry, Journal, UnderWay
from jenkinsgen.deploy.state.lease import Holder
from jenkinsgen.deploy.status.report import Seen, Status, status_of
from jenkinsgen.deploy.status.screen import status_data, status_lines
from jenkinsgen.errors import HostError, NginxError
from jenkinsgen.spec.colour import Colour

BLUE, GREEN = container(Colour.BLUE, number=7), container(Colour.GREEN, number=6)
NOW = 1_000_000
PLAIN = replace(AS_WANTED, settings=ContainerSettings(), environment={}, inherited=frozenset(), since=NOW - 30)
JOURNAL = Journal(
    (
        Entry(release(number=7), NOW - 60),
        Entry(release(Colour.GREEN, number=6), NOW - 600),
        Entry(release(number=5), NOW - 700, taken_back="errors"),
        *(Entry(release(number=number), NOW - 800) for number in (4, 3, 2, 1)),
    ),
    live=release(number=7).version,
)
LEASE = Holding(Holder("https://ci/job/shop/8/", "jenkins", "agent1", "deploy-colour", None), NOW - 9, 9, 2, None)


def status(**changes: Any) -> Status:
    gathered = Seen(
        nginx=nginx_state(Colour.BLUE),
        servers=servers(BLUE, GREEN, images=(StoredImage("sha256:1", BLUE.version or ""),)),
        inspected={BLUE.id: PLAIN, GREEN.id: PLAIN},
        health={BLUE.id: Answer(200), GREEN.id: Answer(503, "down because of PASSWORD=x")},
        now=NOW,
        lease=None,
        journal=JOURNAL,
        damage="",
        folder=None,
    )
    return status_of(pipeline(), replace(gathered, **changes))


def screen(**changes: Any) -> str:
    lines = status_lines(status(**changes))
    assert max(map(len, lines)) <= WIDTH
    json.dumps(status_data(status(**changes)))
    return "\n".join(lines)


def test_the_screen():
    assert (
        screen()
        == """\
shop behind 192.0.2.10, 1970-01-12 13:46:40 UTC
  traffic    goes to blue; NGINX 1.22.1
  site file  /etc/nginx/conf.d/jenkinsgen-shop.conf: as the spec would make it
  lease      nobody holds it
  live       0123456789ab-7 since 1970-01-12 13:45:40 (1 min), https://jenkins.example.com/job/shop/7/
  back to    0123456789ab-6 (warm), 0123456789ab-4, 0123456789ab-3, 0123456789ab-2 and 1 older
  taken back 0123456789ab-5

SERVER      COLOUR  STATE    VERSION         DIGEST        SINCE (UTC)          HEALTH
192.0.2.11  green   running  0123456789ab-6  dddddddddddd  1970-01-12 13:46:10  status 503
192.0.2.11  blue *  running  0123456789ab-7  dddddddddddd  1970-01-12 13:46:10  healthy
192.0.2.11  images: 0123456789ab-7
192.0.2.12  green   running  0123456789ab-6  dddddddddddd  1970-01-12 13:46:10  status 503
192.0.2.12  blue *  running  0123456789ab-7  dddddddddddd  1970-01-12 13:46:10  healthy
192.0.2.12  images: 0123456789ab-7

no drift: what could be looked at is as the spec says"""
    )


def test_a_server_that_cannot_be_reached_has_its_row_and_hides_no_other():
    said = screen(servers={**servers(BLUE), "192.0.2.12": HostError("deploy@192.0.2.12: no answer", hint="is it up?")})

    assert "\n192.0.2.12  no answer\n" in said
    assert said.endswith("\ncould not be looked at: 192.0.2.12\nhint: is it up?")
    assert "192.0.2.11  blue *  running" in said
    # It cannot be known to be warm everywhere.
    assert "(warm)" not in said
    assert status(servers={"192.0.2.12": HostError("gone")}).seen.trouble is not None


def test_an_nginx_that_does_not_tell_hides_nothing():
    error = NginxError("192.0.2.10: NGINX does not answer " + "so " * 60 + "it is not known which colour is live")

    said = screen(nginx=error)

    assert "traffic    unknown: 192.0.2.10: NGINX does not answer" in said
    assert "which colour is live\n" in said
    assert "could not be looked at: 192.0.2.10" in said
    assert "192.0.2.11  blue    running" in said
    assert status(nginx=error).seen.trouble is error


def test_what_is_under_way_and_what_was_left_over():
    under_way = UnderWay("deploy-colour", "https://ci/job/shop/8/", "fedcba987654-8", "green", NOW - 5)
    journal = replace(JOURNAL, under_way=under_way)

    alive, dead = screen(journal=journal, lease=LEASE), screen(journal=journal)
    expired = screen(journal=journal, lease=replace(LEASE, free_because="it was not renewed for 40 s"))

    assert "under way  deploy-colour of fedcba987654-8 since" in alive
    assert "held by https://ci/job/shop/8/" in alive
    assert "left over  deploy-colour of fedcba987654-8 since" in dead
    assert "left over  deploy-colour" in expired
    assert "  free       yes: it was not renewed for 40 s\n" in expired


def test_nothing_was_ever_deployed():
    said = screen(nginx=nginx_state(None), servers=servers(), journal=Journal(), now=None)

    assert "goes to no colour of this service yet" in said
    assert "nothing was ever deployed" in said
    assert "192.0.2.12  no container of this service" in said


def test_a_journal_and_a_folder_that_cannot_be_read():
    assert "damaged (half a file); the next build begins it anew" in screen(damage="half a file")
    assert "lease      unknown: no rights" in screen(folder=HostError("no rights"))


def test_how_a_container_ended_and_how_often_it_was_started():
    ended = replace(PLAIN, state="exited", exit_code=137, out_of_memory=True)
    again = replace(PLAIN, state="restarting", restarts=3)

    said = screen(inspected={BLUE.id: again, GREEN.id: ended})

    assert "was killed: out of memory" in said
    assert "restarting, restarted 3 times" in said


def test_no_answer_of_an_application_is_shown():
    assert "PASSWORD" not in screen() + json.dumps(status_data(status()))


def test_history_says_what_it_leaves_out():
    event = Event(NOW, "switch-nginx", "done", "https://ci/8/", "jenkins", "agent1", "v-8", "blue", "from green")

    assert history_lines([event], 2, 3) == [
        "1970-01-12 13:46:40  done: switch-nginx v-8 blue",
        "                     https://ci/8/ (jenkins on agent1)",
        "                     from green",
        "and 3 older",
        "2 damaged lines could not be read",
    ]
    assert history_lines([], 0, 0) == ["nothing was ever deployed"]


def test_times_and_columns():
    assert moment(0) == "1970-01-01 00:00:00"
    assert [lasting(each) for each in (-5, 59, 60, 3599, 3600, 90061)] == [
        "0 s",
        "59 s",
        "1 min",
        "59 min",
        "1 h 0 min",
        "1 d 1 h",
    ]
    assert columns([("a", "bb"), ("ccc", "d")]) == ["a    bb", "ccc  d"]
    assert len(columns([("a" * 200, "b")])[0]) == WIDTH
