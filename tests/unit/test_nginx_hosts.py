"""Several NGINX hosts: what is planned for each of them, and what a look at all of them says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from examples import container, nginx_state, pipeline, release, servers, world

from jenkinsgen.deploy.drift import drift
from jenkinsgen.deploy.plan.build import check_nginx_ready
from jenkinsgen.deploy.plan.foresee import foresee
from jenkinsgen.deploy.plan.site import checksum
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.state.journal import Journal
from jenkinsgen.deploy.steps import NGINX, InstallSite, RemoveSite, SetFlag
from jenkinsgen.edge.nginx.access_log import LogAbsent, Look
from jenkinsgen.edge.nginx.access_logs import AccessLogs
from jenkinsgen.edge.nginx.hosts import NginxHosts
from jenkinsgen.errors import HostError, StateError
from jenkinsgen.nginx.access_log import Request
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from jenkinsgen.nginx.state import NginxState

GREEN, BLUE = Colour.GREEN, Colour.BLUE
READY = servers(container(GREEN, number=6), container(BLUE))
OTHER = f"{NGINX} 192.0.2.9"
TWO = pipeline("nginx: {host: deploy@192.0.2.10, server_name: shop.example.com, others: [deploy@192.0.2.9]}")


def with_other(leading: NginxState, other: NginxState) -> NginxState:
    return replace(leading, others={OTHER: other})


def test_hosts_that_have_the_site_file_switch_by_one_step_for_all():
    found = with_other(nginx_state(GREEN), nginx_state(GREEN))
    plan = plan_switch(TWO, release(), world(GREEN, READY, nginx=found))
    reach, phase = plan.phases
    # What one host reaches, another one may not.
    assert list(reach.steps) == [NGINX, OTHER]
    assert list(phase.steps) == [NGINX]
    assert phase.steps[NGINX][0] == SetFlag(BLUE)


def test_a_host_without_the_site_file_gets_it_first_with_the_colour_that_is_live():
    found = with_other(nginx_state(GREEN), nginx_state(None))
    plan = plan_switch(TWO, release(), world(GREEN, READY, nginx=found))
    _, site, switch = plan.phases
    ((name, (install,)),) = site.steps.items()
    assert name == OTHER
    assert isinstance(install, InstallSite)
    assert (install.colour, install.text) == (GREEN, nginx_state(GREEN).site_text)
    assert switch.steps[NGINX][0] == SetFlag(BLUE)
    # Back on that host means: as it was there, and not as on the others.
    gone = RemoveSite(install.path, checksum(install.text))
    assert [phase.steps for phase in plan.undo] == [{NGINX: (SetFlag(GREEN),)}, {OTHER: (gone,)}]

    after = foresee(world(GREEN, READY, nginx=found), plan, release(), {GREEN: (), BLUE: ()}, 0)
    assert after.nginx.live is BLUE
    assert after.nginx.others[OTHER].live is BLUE
    assert plan_switch(TWO, release(), after).undo == ()


def test_the_very_first_site_file_comes_to_the_first_host_first_and_leaves_it_last():
    """Killed in between, a next build would find that another host serves what the first one does not know."""
    ready = servers(container(GREEN))
    plan = plan_switch(TWO, release(GREEN), world(None, ready, nginx=with_other(nginx_state(None), nginx_state(None))))
    assert [list(phase.steps) for phase in plan.phases[1:]] == [[NGINX], [OTHER], [NGINX]]
    assert [list(phase.steps) for phase in plan.undo] == [[OTHER], [NGINX]]


def test_the_host_that_is_not_ready_is_named():
    found = with_other(nginx_state(GREEN), nginx_state(GREEN, flags="readonly"))
    with pytest.raises(StateError, match=r"^deploy@192\.0\.2\.9: the folder of the flag is readonly") as caught:
        check_nginx_ready(TWO, found)
    assert "ssh root@192.0.2.9 sh" in str(caught.value.hint)


def test_hosts_that_serve_two_colours_are_drift():
    found = with_other(nginx_state(BLUE), nginx_state(GREEN))
    differences = drift(TWO, found, {}, {}, Journal())
    assert [str(each) for each in differences] == ["192.0.2.9: live is green; wanted: blue, as on 192.0.2.10"]


@pytest.mark.parametrize(
    ("nginx", "said"),
    [
        ("host: a@one, others: [a@one], server_name: s.example.com", "one is here twice"),
        ("host: a@one, others: [a@two, b@two], server_name: s.example.com", "two is here twice"),
        (
            (
                "host: a@one, others: [a@two], server_name: s.example.com, mode: reload, site: /etc/nginx/s.conf, "
                "prepared: {green: /g, blue: /b}"
            ),
            "needs `mode: flag`",
        ),
    ],
)
def test_hosts_that_cannot_be_in_step_are_refused(nginx: str, said: str):
    with pytest.raises(ValueError, match=said):
        pipeline(f"nginx: {{{nginx}}}")


class Host:
    def __init__(self, state: NginxState) -> None:
        self.state = state

    def observe(self) -> NginxState:
        return self.state


def test_a_leader_that_serves_nothing_while_another_host_does_is_no_first_deployment():
    hosts: Any = {NGINX: Host(nginx_state(None)), OTHER: Host(nginx_state(GREEN))}
    with pytest.raises(StateError, match="serves green, but the host that leads serves no colour"):
        NginxHosts(hosts).observe()


class Log:
    """What each look finds, one after the other."""

    def __init__(self, *looks: Look | HostError) -> None:
        self.looks = list(looks)

    def look(self) -> Look:
        found = self.looks.pop(0)
        if isinstance(found, HostError):
            raise found
        return found

    def recent(self, _: float) -> Look:
        return self.look()


def look(*moments: float, time: float) -> Look:
    return Look(tuple(Request(moment, BLUE, 200, 0.01, 100) for moment in moments), time)


def logs(first: Log, other: Log) -> AccessLogs:
    given: Any = {NGINX: first, OTHER: other}
    return AccessLogs(given, "/var/log/nginx/shop.log")


def test_logs_are_read_as_one_by_the_clock_of_the_first_host():
    found = logs(Log(look(99.0, time=100.0)), Log(look(1099.5, time=1100.0))).look()
    assert [request.time for request in found.requests] == [99.0, 99.5]
    assert found.time == 100.0


def test_what_was_read_of_one_log_is_not_lost_when_another_cannot_be_read():
    both = logs(Log(look(99.0, time=100.0), look(100.5, time=101.0)), Log(HostError("gone"), look(99.5, time=101.0)))
    with pytest.raises(HostError, match="gone"):
        both.look()
    assert [request.time for request in both.look().requests] == [99.0, 100.5, 99.5]


def test_what_is_usual_is_not_forgotten_when_a_host_joins_but_a_log_that_may_not_be_read_is_told():
    absent = LogAbsent("there is no log")
    assert logs(Log(look(99.0, time=100.0)), Log(absent)).before(300).requests == look(99.0, time=100.0).requests
    with pytest.raises(LogAbsent):
        logs(Log(absent), Log(absent)).before(300)
    with pytest.raises(HostError, match="may not be read"):
        logs(Log(absent), Log(HostError("may not be read"))).before(300)
    # Later each of them has to have one.
    with pytest.raises(LogAbsent):
        logs(Log(look(99.0, time=100.0)), Log(absent)).recent(5)
