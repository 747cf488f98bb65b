"""A site file among all that NGINX loads: whose name it would take, who takes its own, and where it cannot lie."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import RELOAD, container, nginx_state, pipeline, release, servers, world

from jenkinsgen.deploy.plan.build import check_nginx_ready
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.steps import NGINX, InstallSite
from jenkinsgen.doctor import nginx as doctor
from jenkinsgen.doctor.check import Verdict
from jenkinsgen.edge.nginx.host import NginxHost
from jenkinsgen.edge.ssh.command import Completed
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.layout import Layout, read_layout, read_servers
from jenkinsgen.nginx.place import obstacles, why_silent
from jenkinsgen.nginx.site import render_site, site_path, upstreams_of
from jenkinsgen.spec.colour import Colour

MAIN = "/etc/nginx/nginx.conf"
HTTP = "http {\n include conf.d/*.conf;\n include /etc/nginx/sites-enabled/*;\n}\n"
SPA = "/etc/nginx/sites-enabled/spa"
OURS = "/etc/nginx/conf.d/jenkinsgen-shop.conf"


def loaded(*, http: str = HTTP, **files: str) -> Layout:
    """What NGINX loads: nginx.conf and these files."""
    names = {"spa": SPA, "ours": OURS, "early": "/etc/nginx/conf.d/a.conf"}
    found = read_layout({MAIN: f"events {{}}\n{http}", **{names[name]: text for name, text in files.items()}})
    assert found is not None
    return found


def ours(changes: str = "") -> str:
    spec = pipeline(changes)
    return render_site(spec, upstreams_of(spec)).text


def before(found: Layout, changes: str = "", address: str = "") -> list[str]:
    path = site_path(pipeline(changes))
    return [each.what for each in obstacles(found, path, read_servers(ours(changes), path), address=address)]


def server(listen: str, names: str) -> str:
    return f"server {{\n {listen}\n {names}\n location / {{ return 204; }}\n}}\n"


@pytest.mark.parametrize(
    "listen",
    ["", "listen 80;", "listen *:80;", "listen [::]:80;", "listen 80 default_server;", "listen 443 ssl; listen 80;"],
)
@pytest.mark.parametrize(
    "names",
    [
        "server_name shop.example.com;",
        "server_name www.example.com SHOP.example.com;",
        "server_name .shop.example.com;",
    ],
)
def test_a_name_that_another_file_has_is_not_taken_away(listen: str, names: str):
    (found,) = before(loaded(spa=server(listen, names)))
    assert found.startswith(f"{SPA}:1 has the server_name shop.example.com on port 80 already")


@pytest.mark.parametrize(
    ("listen", "names"),
    [
        ("listen 443 ssl;", "server_name shop.example.com;"),
        ("listen 8080;", "server_name shop.example.com;"),
        ("listen unix:/run/x;", "server_name shop.example.com;"),
        ("listen 80 default_server;", "server_name _;"),
        ("listen 80;", ""),
        ("listen 80;", "server_name *.example.com;"),
        ("listen 80;", "server_name ~^shop;"),
        ("listen 203.0.113.7:80;", "server_name other.example.com;"),
    ],
)
def test_a_name_that_nobody_has_is_free(listen: str, names: str):
    """An exact name goes before a pattern and before the default server: that is what those are for."""
    assert before(loaded(spa=server(listen, names))) == []


def test_a_pattern_is_a_name_as_any_other():
    changes = "nginx: {server_name: '*.example.com'}"
    assert before(loaded(spa=server("listen 80;", "server_name *.example.com;")), changes)
    assert before(loaded(spa=server("listen 80;", "server_name .example.com;")), changes)
    assert not before(loaded(spa=server("listen 80;", "server_name www.example.com;")), changes)


def test_a_file_that_lies_around_counts_for_nothing():
    http = "http { include conf.d/*.conf; }"
    assert before(loaded(http=http, spa=server("listen 80;", "server_name shop.example.com;"))) == []


def test_a_server_that_hides_its_host_from_ours_is_named():
    (found,) = before(loaded(early=server("listen 127.0.0.1:80;", "server_name status;")))
    assert "/etc/nginx/conf.d/a.conf:1 listens on 127.0.0.1:80" in found
    (found,) = before(loaded(early=server("listen 80 proxy_protocol;", "server_name other;")))
    assert "speak the PROXY protocol" in found


@pytest.mark.parametrize("changes", ["", "nginx: {certificate: /etc/ssl/shop.pem, certificate_key: /etc/ssl/shop.key}"])
def test_a_server_that_listens_on_the_hosts_own_address_gets_all_its_requests_so_ours_would_get_none(changes: str):
    """As control panels write it. The proof of a switch asks 127.0.0.1, and would be content."""
    panel = server("listen 192.0.2.10:80; listen 192.0.2.10:443 ssl;", "server_name www.example.com;")
    (found,) = before(loaded(spa=panel), changes, "192.0.2.10")
    port = 443 if changes else 80
    assert found.startswith(f"{SPA}:1 listens on 192.0.2.10:{port}, this host's own address")
    assert before(loaded(spa=panel), changes, "198.51.100.10") == []
    assert before(loaded(spa=server("listen 192.0.2.10:8080;", "")), changes, "192.0.2.10") == []
    state = nginx_state(None, layout=loaded(spa=panel), address="192.0.2.10")
    with pytest.raises(StateError, match=f"{SPA}:1 listens on 192.0.2.10:{port}"):
        check_nginx_ready(pipeline(changes), state)
    (check,) = doctor.judge_included("192.0.2.10", pipeline(changes), state, {})
    assert check.verdict is Verdict.FAILED


def test_a_hand_made_site_that_names_the_address_keeps_its_requests_so_it_is_not_taken_over():
    inner = "listen 192.0.2.10:80; server_name shop.example.com; location / { proxy_pass http://momo; }"
    found = loaded(spa=f"{PREDECESSOR}server {{ {inner} }}")
    state = nginx_state(None, layout=found, address="192.0.2.10")
    with pytest.raises(StateError, match=r"listens on 192\.0\.2\.10:80"):
        check_nginx_ready(pipeline(), state)


def test_a_place_that_nothing_includes_is_told_before_anything_moves():
    (found,) = before(loaded(), "nginx: {site: /etc/nginx/sites-available/shop}")
    assert found == "no include of nginx.conf leads to /etc/nginx/sites-available/shop, so NGINX would never read it"
    assert before(loaded(), "nginx: {site: /etc/nginx/sites-enabled/shop}") == []


def test_a_place_inside_of_a_server_cannot_hold_the_file():
    http = f"http {{ include conf.d/*.conf; {server('listen 81;', 'include snippets/*;')} }}"
    (found,) = before(loaded(http=http), "nginx: {site: /etc/nginx/snippets/shop.conf}")
    assert "inside of http server, where upstreams and servers cannot stand" in found


def test_a_build_is_refused_before_it_begins_and_names_the_file_and_the_ways_out():
    spec = pipeline()
    found = nginx_state(None, layout=loaded(spa=server("listen 80;", "server_name shop.example.com;")))
    with pytest.raises(StateError, match=f"192.0.2.10: {SPA}:1 has the server_name shop.example.com") as refused:
        check_nginx_ready(spec, found)
    assert all(way in (refused.value.hint or "") for way in (SPA, "nginx.mode: reload", "nginx.server_name"))
    (check,) = doctor.judge_included("192.0.2.10", spec, found, {})
    assert check.verdict is Verdict.FAILED
    assert SPA in check.found
    check_nginx_ready(spec, nginx_state(None, layout=loaded()))
    check_nginx_ready(spec, nginx_state(None, layout=None))


@pytest.mark.parametrize("text", ["server {}", "", "# Made by jenkinsgen for the service cart. A deployment writes"])
def test_a_file_of_somebody_else_is_never_taken_for_ours(text: str):
    with pytest.raises(StateError, match="it stays as it is"):
        check_nginx_ready(pipeline(), nginx_state(None, site_text=text))


def test_who_takes_the_name_of_an_installed_file_is_named():
    def why(**files: str) -> list[str]:
        return [each.what for each in why_silent(loaded(**files), OURS, read_servers(ours(), OURS))]

    namesake = server("listen 80;", "server_name shop.example.com;")
    (found,) = why(early=namesake, ours=ours())
    assert "/etc/nginx/conf.d/a.conf:1 has the same server_name" in found
    assert "it ignores ours" in found
    # The one that is read later is ignored itself.
    assert why(spa=namesake, ours=ours()) == []
    (found,) = why(http="http { include sites-enabled/*; }")
    assert "no include of nginx.conf leads to" in found


def test_doctor_says_who_took_the_name():
    namesake = server("listen 80;", "server_name shop.example.com;")
    state = replace(nginx_state(Colour.GREEN), live=None, serving=None, layout=loaded(early=namesake, ours=ours()))
    check = doctor.judge_site("192.0.2.10", pipeline(), state, "shop.yaml")
    assert check.verdict is Verdict.FAILED
    assert "/etc/nginx/conf.d/a.conf:1" in check.found


PREDECESSOR = "upstream momo {\n server 192.0.2.11:8080;\n server 192.0.2.12:8080;\n}\n"


@pytest.mark.parametrize(
    ("inner", "until_now"),
    [
        ("location / { proxy_pass http://momo; proxy_set_header Host $host; }", True),
        ("location / { proxy_pass http://192.0.2.11:8080/; }", True),
        ("location / { proxy_pass http://192.0.2.11:9999; }", False),
        ("location / { proxy_pass http://momo/v1; }", False),
        ("location / { proxy_pass http://momo; auth_basic closed; }", False),
        ("deny 203.0.113.0/24; location / { proxy_pass http://momo; }", False),
        ("location / { proxy_pass http://momo; } location /x { return 204; }", False),
        ("location / { return 204; }", False),
        ("location /api { proxy_pass http://momo; }", False),
        ("root /srv;", False),
    ],
)
def test_a_name_is_taken_over_from_whoever_leads_to_the_same_servers_alone(inner: str, *, until_now: bool):
    """So a hand-made pipeline's own file, or one of mode reload, is left without a lost request."""
    spec = pipeline()
    text = f"{PREDECESSOR}server {{ listen 80; server_name shop.example.com; {inner} }}"
    found = nginx_state(None, layout=loaded(spa=text))
    if not until_now:
        with pytest.raises(StateError, match="has the server_name"):
            check_nginx_ready(spec, found)
        return
    check_nginx_ready(spec, found)
    plan = plan_switch(spec, release(Colour.GREEN), world(None, servers(container(Colour.GREEN)), nginx=found))
    (install,) = (step for phase in plan.phases for step in phase.steps[NGINX] if isinstance(step, InstallSite))
    assert install.takes_over
    assert f"{SPA}:5 had this name" in plan.note
    # Read before ours it would keep the name.
    with pytest.raises(StateError, match="has the server_name"):
        check_nginx_ready(spec, nginx_state(None, layout=loaded(early=text)))


def test_nothing_is_taken_over_where_nobody_has_the_name():
    plan = plan_switch(
        pipeline(),
        release(Colour.GREEN),
        world(None, servers(container(Colour.GREEN)), nginx=nginx_state(None, layout=loaded())),
    )
    assert [
        step.takes_over for phase in plan.phases for step in phase.steps[NGINX] if isinstance(step, InstallSite)
    ] == [False]


def prepared(listen: str = "listen 80;", names: str = "server_name shop.example.com;") -> tuple[str, str]:
    """The team's files of both colours."""
    block = f"server {{ {listen} {names} location / {{ proxy_pass http://shop; }} }}"
    green, blue = (f"upstream shop {{ server 192.0.2.11:{port}; }}\n{block}" for port in (8080, 8081))
    return green, blue


RELOAD_THERE = RELOAD.replace("/etc/nginx/live", SPA.replace("spa", "live"))


@pytest.mark.parametrize(
    ("listen", "names"),
    [
        ("listen 80;", "server_name shop.example.com;"),
        ("listen 0.0.0.0:80 default_server;", "server_name www.example.com SHOP.example.com;"),
        ("", "server_name .shop.example.com;"),
    ],
)
def test_mode_reload_is_refused_before_the_build_where_another_file_has_a_name_of_the_prepared_ones(
    listen: str, names: str
):
    """The first switch would refuse it, with a release that was built and started in vain."""
    spec = pipeline(RELOAD_THERE)
    state = nginx_state(None, layout=loaded(spa=server(listen, names)), prepared=prepared())

    with pytest.raises(StateError, match=f"{SPA}:1 has the server_name shop.example.com on port 80") as refused:
        check_nginx_ready(spec, state)

    assert "both prepared files" in str(refused.value.hint)
    assert "nginx.mode" not in str(refused.value.hint)
    (check,) = doctor.judge_included("192.0.2.10", spec, state, {})
    assert check.verdict is Verdict.FAILED


def test_mode_reload_is_refused_before_the_build_where_nginx_does_not_include_its_site_file():
    spec = pipeline(RELOAD)
    state = nginx_state(None, layout=loaded(), prepared=prepared())

    with pytest.raises(StateError, match=r"no include of nginx\.conf leads to /etc/nginx/live"):
        check_nginx_ready(spec, state)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("listen 192.0.2.10:80;", "listen 80;"),
        ("listen 192.0.2.10:80;", "listen 198.51.100.10:80;"),
        ("listen 80;", "listen [::]:80;"),
        ("listen 80;", "listen 8080;"),
        ("listen 80;", "listen 127.0.0.1:8080;"),
    ],
)
def test_a_team_may_have_one_name_on_two_addresses(ours: str, theirs: str):
    """NGINX takes that, and the switch would; its files are the team's."""
    spec = pipeline(RELOAD_THERE)
    layout = loaded(spa=server(theirs, "server_name shop.example.com;"))

    check_nginx_ready(spec, nginx_state(None, layout=layout, prepared=prepared(ours)))


def test_a_prepared_file_that_is_live_is_no_namesake_of_itself():
    spec = pipeline(RELOAD_THERE)
    layout = read_layout({MAIN: f"events {{}}\n{HTTP}", SPA.replace("spa", "live"): prepared()[0]})

    check_nginx_ready(spec, nginx_state(None, layout=layout, prepared=prepared()))


class FirstDay:
    """An NGINX host in mode reload whose site file is not there yet; what was run there."""

    address = "192.0.2.10"

    def __init__(self, root: str = "sudo") -> None:
        self.root = root

    def check(self, argv: list[str]) -> str:
        match argv:
            case ["cat", "/etc/nginx/g"]:
                return prepared()[0]
            case ["cat", "/etc/nginx/b"]:
                return prepared()[1]
            case ["id", "-un"]:
                return "deploy\n"
        return f"version 1.22.1\nuser deploy\nroot {self.root}\nflags absent\n"

    def run(self, argv: list[str]) -> Completed:
        assert argv[:2] == ["sudo", "-n"]
        return Completed(0, f"# configuration file {MAIN}:\nevents {{}}\n{HTTP}", "")


def test_on_its_first_day_what_nginx_loads_and_the_prepared_files_are_looked_at():
    state = NginxHost(FirstDay(), pipeline(RELOAD)).observe()  # type: ignore[arg-type]

    assert state.prepared == prepared()
    assert state.layout is not None
    with pytest.raises(StateError, match=r"no include of nginx\.conf leads to /etc/nginx/live"):
        check_nginx_ready(pipeline(RELOAD), state)


def test_without_sudo_nothing_of_that_is_asked():
    state = NginxHost(FirstDay("no"), pipeline(RELOAD)).observe()  # type: ignore[arg-type]

    assert (state.prepared, state.layout) == ((), None)
