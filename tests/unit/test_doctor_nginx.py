"""The verdicts on NGINX, on its host, and on what it can reach."""

from __future__ import annotations

from typing import Any

import pytest
from examples import RELOAD, nginx_state, pipeline

from jenkinsgen.doctor import nginx
from jenkinsgen.doctor.check import Check, Verdict
from jenkinsgen.doctor.reach import Knock, endpoints, judge_upstreams, read_knock
from jenkinsgen.facts import Facts, read_facts
from jenkinsgen.nginx.site import Serving, render_site, upstreams_of
from jenkinsgen.spec.colour import Colour

HOST, SPEC = "192.0.2.10 (NGINX)", "pipelines/shop.yaml"
OK, WARNING, FAILED = Verdict.OK, Verdict.WARNING, Verdict.FAILED
ALLOWED = read_facts("sudo yes sh\nsudo yes true")
FORBIDDEN = read_facts("sudo no sh\nsudo no true")


def sudo(facts: Facts, changes: str = "", **state: Any) -> Check:
    spec = pipeline(changes)
    return nginx.judge_sudo(HOST, spec, nginx_state(**{"live": Colour.GREEN, "root": "no", **state}), facts, SPEC)


def test_sudo_is_not_needed_where_all_is_set_up():
    check = sudo(FORBIDDEN)
    assert check.verdict is OK
    assert "not needed" in check.found
    assert "without a password: sh, true;" in check.found


@pytest.mark.parametrize(
    ("changes", "state", "why"),
    [
        ("", {"live": None}, "the site file is not there yet"),
        ("", {"flags": "readonly"}, "the folder of the flag is readonly"),
        ("servers: [deploy@192.0.2.13]", {}, "the site file differs from the spec"),
        (RELOAD, {}, "mode reload"),
    ],
)
def test_sudo_is_needed_and_the_check_says_why(changes: str, state: dict[str, Any], why: str):
    check = sudo(FORBIDDEN, changes, **state)
    assert check.verdict is FAILED
    assert why in check.found
    assert sudo(ALLOWED, changes, **{"root": "sudo", **state}).verdict is OK


def test_the_remedy_for_sudo_is_one_command():
    assert sudo(FORBIDDEN, live=None).remedy.endswith(f"jenkinsgen nginx setup {SPEC} | ssh root@192.0.2.10 sh")


def test_one_command_of_two_that_is_not_allowed_is_named():
    facts = read_facts("sudo no sh\nsudo yes true")
    check = sudo(facts, live=None, root="sudo")
    assert check.verdict is FAILED
    assert "without a password: sh;" in check.found


def test_root_needs_no_sudo():
    assert sudo({}, live=None, root="yes").verdict is OK


@pytest.mark.parametrize(
    ("flags", "live", "facts", "verdict"),
    [
        ("writable", Colour.GREEN, FORBIDDEN, OK),
        ("absent", None, ALLOWED, OK),
        ("readonly", None, ALLOWED, OK),
        ("readonly", Colour.GREEN, ALLOWED, FAILED),
        ("absent", None, FORBIDDEN, FAILED),
    ],
)
def test_the_flag_folder(flags: str, live: Colour | None, facts: Facts, verdict: Verdict):
    state = nginx_state(live, flags=flags, root="sudo" if facts is ALLOWED else "no")
    assert nginx.judge_flags(HOST, pipeline(), state, facts, SPEC).verdict is verdict


@pytest.mark.parametrize(
    ("state", "changes", "verdict", "found"),
    [
        ({"live": None}, "", OK, "not there yet"),
        ({"live": Colour.GREEN}, "", OK, "is the spec's; green is live"),
        ({"live": Colour.GREEN}, "service: {health: {path: /other}}", WARNING, "differs from the spec"),
        ({"live": None, "site_text": "server {}"}, "", FAILED, "jenkinsgen did not write it"),
        ({"live": Colour.GREEN, "serving": Serving(Colour.GREEN, "0" * 16)}, "", FAILED, "serves another one"),
        ({"live": Colour.GREEN, "serving": None}, "", FAILED, "NGINX does not answer with it"),
    ],
)
def test_the_site_file(state: dict[str, Any], changes: str, verdict: Verdict, found: str):
    check = nginx.judge_site(HOST, pipeline(changes), nginx_state(**state), SPEC)
    assert check.verdict is verdict
    assert found in check.found


def test_a_server_that_joined_is_a_difference_only_until_the_next_switch():
    """The live colour keeps the servers that it has, so a file like that is what the spec wants."""
    grown = pipeline("servers: [deploy@192.0.2.11, deploy@192.0.2.12, deploy@192.0.2.13]")
    installed = {**upstreams_of(pipeline()), Colour.BLUE: upstreams_of(grown)[Colour.BLUE]}
    site = render_site(grown, installed)
    state = nginx_state(Colour.GREEN, site_text=site.text, serving=Serving(Colour.GREEN, site.digest))
    assert nginx.judge_site(HOST, grown, state, SPEC).verdict is OK


def test_prepared_files_of_mode_reload():
    spec = pipeline(RELOAD)
    assert nginx.judge_prepared(HOST, spec, nginx_state(None, missing=("/etc/nginx/g",))).verdict is FAILED
    assert nginx.judge_prepared(HOST, spec, nginx_state(None, site_text="edited")).verdict is FAILED
    assert nginx.judge_prepared(HOST, spec, nginx_state(None)).verdict is OK
    assert nginx.judge_prepared(HOST, spec, nginx_state(Colour.BLUE)).verdict is OK


@pytest.mark.parametrize(
    ("version", "changes", "verdict", "found"),
    [
        ("1.18.0", "", OK, "a reload may cost requests"),
        ("1.27.4", "", OK, "a reload spares idle connections"),
        ("1.22.1", RELOAD, WARNING, "may cost requests on keep-alive connections below 1.27.4, at each switch"),
        ("1.29.7", RELOAD, OK, "spares"),
        ("", "", WARNING, "cannot be told"),
    ],
)
def test_what_a_version_promises(version: str, changes: str, verdict: Verdict, found: str):
    check = nginx.judge_version(HOST, pipeline(changes), version)
    assert check.verdict is verdict
    assert found in check.found


@pytest.mark.parametrize(
    ("lines", "verdict", "found"),
    [
        ("installed no\nmaster ", FAILED, "not installed"),
        ("installed yes\nmaster ", FAILED, "does not run"),
        ("installed yes\nmaster 17", OK, "1.22.1 runs"),
    ],
)
def test_nginx_runs(lines: str, verdict: Verdict, found: str):
    check = nginx.judge_running(HOST, read_facts(lines), "1.22.1")
    assert check.verdict is verdict
    assert found in check.found


def test_validity_is_visible_with_root_alone():
    assert nginx.judge_valid(HOST, read_facts("valid yes")).verdict is OK
    assert nginx.judge_valid(HOST, {}).verdict is WARNING
    check = nginx.judge_valid(HOST, read_facts("valid no\nsaid nginx: [emerg] unknown directive"))
    assert (check.verdict, check.found) == (FAILED, "nginx: [emerg] unknown directive")


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("/etc/nginx/conf.d/*.conf;", True),
        ("conf.d/*.conf ;  # ours", True),
        ('"/etc/nginx/conf.d/jenkinsgen-shop.conf";', True),
        ("/etc/nginx/*/*.conf;", True),
        ("/etc/nginx/*;", False),
        ("/etc/nginx/sites-enabled/*;", False),
        ("mime.types;", False),
    ],
)
def test_includes(pattern: str, matches: bool):
    assert nginx.includes(pattern, "/etc/nginx/conf.d/jenkinsgen-shop.conf") is matches


def test_a_missing_include_matters_until_nginx_answers():
    facts = read_facts("configuration readable\ninclude /etc/nginx/sites-enabled/*;")
    (check,) = nginx.judge_included(HOST, pipeline(), nginx_state(None), facts)
    assert check.verdict is FAILED
    assert list(nginx.judge_included(HOST, pipeline(), nginx_state(Colour.GREEN), facts)) == []
    (hidden,) = nginx.judge_included(HOST, pipeline(), nginx_state(None), {})
    assert hidden.verdict is WARNING


def test_a_missing_certificate_is_named():
    (check,) = nginx.judge_certificate(HOST, read_facts("absent /etc/ssl/shop.pem"))
    assert check.verdict is FAILED
    assert "/etc/ssl/shop.pem" in check.found


@pytest.mark.parametrize(
    ("said", "knock"),
    [
        ("answers", Knock.ANSWERS),
        ("silent", Knock.SILENT),
        ("connect: Connection refused", Knock.REFUSED),
        ("connect: No route to host", Knock.UNREACHABLE),
        ("app9: Name or service not known", Knock.UNREACHABLE),
    ],
)
def test_what_came_of_a_knock(said: str, knock: Knock):
    assert read_knock(said) is knock


def upstreams(live: Colour | None, *words: str) -> list[Check]:
    spec = pipeline("servers: [deploy@192.0.2.11]")
    lines = ["knocks yes", f"reach 192.0.2.11 8080 {words[0]}", f"reach 192.0.2.11 8081 {words[1]}"]
    return judge_upstreams(HOST, spec, read_facts("\n".join(lines)), live)


@pytest.mark.parametrize(
    ("live", "green", "blue", "verdict"),
    [
        (None, "connect: Connection refused", "connect: Connection refused", OK),
        (Colour.GREEN, "answers", "connect: Connection refused", OK),
        (Colour.GREEN, "connect: Connection refused", "answers", FAILED),
        (Colour.GREEN, "answers", "silent", FAILED),
        (None, "answers", "connect: No route to host", FAILED),
    ],
)
def test_upstreams_seen_from_nginx(live: Colour | None, green: str, blue: str, verdict: Verdict):
    (check,) = upstreams(live, green, blue)
    assert (check.name, check.verdict) == ("to 192.0.2.11", verdict)
    assert bool(check.remedy) is (verdict is FAILED)


def test_a_port_that_the_script_did_not_get_to_is_silent():
    (check,) = judge_upstreams(HOST, pipeline("servers: [deploy@192.0.2.11]"), read_facts("knocks yes"), None)
    assert check.verdict is FAILED


def test_without_bash_nothing_is_claimed():
    (check,) = judge_upstreams(HOST, pipeline(), read_facts("knocks no"), None)
    assert check.verdict is WARNING


def test_every_port_is_knocked_at():
    assert endpoints(pipeline("servers: [deploy@192.0.2.11, {ssh: deploy@app2, address: 198.51.100.2}]")) == (
        *("192.0.2.11", "8080", "192.0.2.11", "8081"),
        *("198.51.100.2", "8080", "198.51.100.2", "8081"),
    )


@pytest.mark.parametrize(("unproven", "verdict"), [("refuse", FAILED), ("accept", WARNING)])
def test_what_keeps_a_switch_in_mode_reload_from_being_proven_is_told_before_anybody_builds(
    unproven: str, verdict: Verdict
):
    spec = pipeline(RELOAD.replace("mode: reload", f"mode: reload, unproven: {unproven}"))
    doubtful = nginx_state(Colour.GREEN, doubts=("/etc/nginx/b does not name 192.0.2.12:8081",))

    (check,) = nginx.judge_doubts(HOST, spec, doubtful)

    assert (check.verdict, check.found) == (verdict, "/etc/nginx/b does not name 192.0.2.12:8081")
    assert check in list(nginx.judge_nginx(HOST, spec, doubtful, ALLOWED, SPEC))
