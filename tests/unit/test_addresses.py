"""An address must not mean one machine to whoever asks for health, and another one to NGINX."""

from __future__ import annotations

import pytest
from examples import pipeline
from pydantic import ValidationError

from jenkinsgen.deploy.plan.deploy import await_healthy
from jenkinsgen.edge.health_look import is_here, look_from
from jenkinsgen.spec.addresses import is_loopback
from jenkinsgen.spec.colour import Colour


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "127.0.1.1", "::1", "::ffff:127.0.0.1", "localhost", "LOCALHOST.", "shop.localhost"]
)
def test_an_address_that_each_machine_has_is_known(name: str):
    assert is_loopback(name)


@pytest.mark.parametrize("name", ["192.0.2.11", "::2", "localhost.example.com", "app1"])
def test_other_addresses_are_not_taken_for_one(name: str):
    assert not is_loopback(name)


@pytest.mark.parametrize("name", ["127.0.0.1", "127.0.1.1", "::1", "localhost", "0.0.0.0"])  # noqa: S104 - is asked about
def test_this_machine_knows_itself(name: str):
    assert is_here(name)


@pytest.mark.parametrize("name", ["192.0.2.1", "nobody.invalid"])
def test_another_machine_is_not_this_one(name: str):
    assert not is_here(name)


@pytest.mark.parametrize(
    "servers",
    [
        "[{ssh: deploy@192.0.2.10, address: 127.0.0.1}]",
        "[{ssh: deploy@192.0.2.10, address: localhost}]",
        '[{ssh: deploy@192.0.2.10, address: "[::1]"}]',
    ],
)
def test_the_agent_never_asks_itself_for_the_health_of_a_server(servers: str):
    with pytest.raises(ValidationError, match="means the Jenkins agent to the Jenkins agent"):
        pipeline(f"servers: {servers}")


def test_the_nginx_host_may_be_the_server_and_ask_itself():
    one_box = "servers: [{ssh: deploy@192.0.2.10, address: 127.0.0.1}]\nservice: {health: {from: nginx}}"

    assert pipeline(one_box).servers[0].upstream == "127.0.0.1"


def test_the_agent_may_be_the_server_and_ask_itself():
    spec = pipeline("servers: [deploy@localhost]\nnginx: {host: deploy@localhost}")

    assert spec.servers[0].upstream == "localhost"


def test_an_agent_that_a_name_leads_to_itself_does_not_take_its_own_answer_for_the_servers():
    """As a name in /etc/hosts of the agent does, which the spec cannot know."""
    spec = pipeline("servers: [{ssh: deploy@192.0.2.11, address: app1.example.com}]")
    step = await_healthy(spec.servers[0], spec, Colour.BLUE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 2, 17, "", ("127.0.0.1", 9))])
        patch.setattr("jenkinsgen.edge.health_look.is_here", lambda name: name == "app1.example.com" and is_here(name))
        answer = look_from(AssertionError("NGINX is not asked"), step)  # type: ignore[arg-type]

    assert not answer.healthy
    assert answer.error == "app1.example.com is this very machine, and 192.0.2.11 is another one"
