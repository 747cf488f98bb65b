"""The kinds of value that a spec is made of, and the models' own words."""

from __future__ import annotations

import pytest
from examples import pipeline
from hypothesis import given, settings
from hypothesis import strategies as st

from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.values import (
    LONGEST,
    MAX_TEXT_BYTES,
    HostAddress,
    bare_address,
    parse_duration,
    parse_host,
    show_duration,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("200ms", 0.2), ("1.5h", 5400.0), ("100s", 100.0), ("2m", 120.0), ("7d", 604800.0), ("0s", 0.0)],
)
def test_a_duration_is_read(text: str, seconds: float):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "value", [100, 1.5, None, True, "", "100", "1 s", "-1s", "1e3s", "1s\n", "\u0661s", "31d", "9" * 400 + "h"]
)
def test_what_is_no_duration_is_refused(value: object):
    with pytest.raises(ValueError, match=r"duration|longer"):
        parse_duration(value)


@settings(database=None)
@given(st.integers(min_value=0, max_value=int(LONGEST) * 1000))
def test_a_duration_that_is_shown_can_be_read_back(milliseconds: int):
    assert round(parse_duration(show_duration(milliseconds / 1000)) * 1000) == milliseconds


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("192.0.2.11", HostAddress("192.0.2.11")),
        ("ubuntu@app1.example.com", HostAddress("app1.example.com", "ubuntu")),
        ("deploy@app1:2222", HostAddress("app1", "deploy", 2222)),
        ("deploy@[2001:db8::11]:2222", HostAddress("2001:db8::11", "deploy", 2222)),
    ],
)
def test_a_host_is_read_and_shown_as_it_was_written(text: str, host: HostAddress):
    assert parse_host(text) == host
    assert str(host) == text


@pytest.mark.parametrize(
    "value",
    [
        None,
        10.0,
        "",
        "a b",
        "@a",
        "a@",
        "a@b@c",
        "a:0",
        "a:65536",
        "a:x",
        "-oProxyCommand=x",
        "a;b",
        "$(id)",
        "192.0.2.256",
        "10.0.0",
        "[::1::]",
        "app1..example.com",
        f"{'a' * 64}.example.com",
        "a\n",
    ],
)
def test_what_is_no_host_is_refused(value: object):
    with pytest.raises(ValueError, match=r"host|port|address|between the dots"):
        parse_host(value)


def test_an_address_for_nginx_has_no_user_and_no_port():
    assert bare_address("192.0.2.12") == "192.0.2.12"
    assert bare_address("[2001:db8::12]") == "2001:db8::12"
    for value in ("u@192.0.2.12", "192.0.2.12:8080"):
        with pytest.raises(ValueError, match="address alone"):
            bare_address(value)


def test_the_longest_text_is_what_a_class_file_can_hold():
    fits = "ä" * (MAX_TEXT_BYTES // 2)
    assert pipeline(f"service: {{environment: {{A: {fits}}}}}").service.environment["A"] == fits
    with pytest.raises(ValueError, match="the most that a Groovy string carries"):
        pipeline(f"service: {{environment: {{A: {fits}ä}}}}")


def test_servers_have_different_names_even_behind_one_host():
    servers = pipeline(
        "servers: [{ssh: 'a@bastion:2201', address: 192.0.2.1}, {ssh: 'b@bastion:2202', address: 192.0.2.2}]"
    ).servers
    assert [str(server) for server in servers] == ["bastion:2201", "bastion:2202"]
    assert [server.upstream for server in servers] == ["192.0.2.1", "192.0.2.2"]


def test_the_other_colour_of_the_other_is_itself():
    assert [colour.other.other for colour in Colour] == list(Colour)
    assert [str(colour) for colour in Colour] == ["green", "blue"]


def test_a_server_may_be_called_like_the_nginx_host():
    assert str(pipeline("servers: [deploy@nginx]").servers[0]) == "nginx"
