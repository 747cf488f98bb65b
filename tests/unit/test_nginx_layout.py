"""The server blocks of what NGINX loads, and where its includes lead."""

from __future__ import annotations

from examples import pipeline
from hypothesis import given
from hypothesis import strategies as some

from jenkinsgen.nginx.configuration import parse_configuration
from jenkinsgen.nginx.layout import read_layout, read_servers
from jenkinsgen.nginx.site import render_site, upstreams_of

MAIN = "/etc/nginx/nginx.conf"


def test_servers_come_in_the_order_in_which_nginx_reads_them():
    layout = read_layout(
        {
            MAIN: "events {}\nhttp {\n include sites/*;\n server { listen 81; }\n}\nstream { server { listen 82; } }\n",
            "/etc/nginx/sites/b": "upstream u { server a:80; }\nserver {\n server_name b;\n include snippets/l;\n}\n",
            "/etc/nginx/sites/a": "server { server_name A .x; listen [::1]:8000-8002 ssl; }\n",
            "/etc/nginx/snippets/l": "listen 8080;\nlocation = /x { return 204; }\n",
        }
    )
    assert layout is not None
    assert [str(each) for each in layout.servers] == ["/etc/nginx/sites/a:1", "/etc/nginx/sites/b:2", f"{MAIN}:4"]
    first, second, third = layout.servers
    assert first.names == ["a", ".x"]
    (listen,) = first.listens
    assert (listen.address, list(listen.ports), listen.options) == ("[::1]", [8000, 8001, 8002], {"ssl"})
    # What a snippet says is said where it is included.
    assert (second.names, second.paths, second.listens[0].ports) == (["b"], {"/x"}, range(8080, 8081))
    assert third.names == []
    assert [(each.pattern, each.inside) for each in layout.includes] == [
        ("/etc/nginx/sites/*", ("http",)),
        ("/etc/nginx/snippets/l", ("http", "server")),
    ]


def test_what_the_site_file_says_is_read_back():
    spec = pipeline("strategy: canary\ncanary: {steps: [{percent: 5, hold: 1m}]}\nguard: {}\nbake: 1m")
    (server,) = read_servers(render_site(spec, upstreams_of(spec)).text, "/x")
    assert server.names == ["shop.example.com"]
    assert {"/.jenkinsgen/shop/state", "/.jenkinsgen/shop/canary", "/.jenkinsgen/shop/health"} <= server.paths


def test_files_that_include_each_other_for_ever_are_nothing_that_nginx_loads():
    assert (
        read_layout({MAIN: "http { include a; }", "/etc/nginx/a": "include b;", "/etc/nginx/b": "include a;"}) is None
    )
    assert read_layout({}) is None
    assert read_layout({MAIN: "http {"}) is None


def test_code_of_another_language_is_left_out():
    text = "location / { content_by_lua_block { if a then b = {1; 2} end } } server_name x;"
    assert [each.words for each in parse_configuration(text)] == [
        ("location", "/"),
        ("content_by_lua_block",),
        ("server_name", "x"),
    ]


@given(some.text(alphabet="ab{};\"'\\ #\n$", max_size=60))
def test_no_text_is_a_crash(text: str):
    read_servers(f"server {{ {text}")
    read_servers(text)
    read_layout({MAIN: text})
