"""NGINX and the host that it runs on."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from jenkinsgen.deploy.bounds import numbers_of
from jenkinsgen.deploy.plan.site import edits_of, obstacles_to, setup_command
from jenkinsgen.doctor.check import Check, failed, ok, warning
from jenkinsgen.facts import one
from jenkinsgen.nginx.container import CONFIGURATION, container_problems, shared_paths
from jenkinsgen.nginx.layout import read_servers
from jenkinsgen.nginx.mark import count_edits
from jenkinsgen.nginx.place import NO_MASTER, why_silent
from jenkinsgen.nginx.site import flag_folder, render_site, site_path, wanted_upstreams

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jenkinsgen.facts import Facts
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.pipeline import Pipeline

NGINX = "NGINX"
# `keepalive_min_timeout`, 5 February 2025: old workers answer one more request on an idle connection.
GENTLE_RELOAD = (1, 27, 4)


def judge_nginx(host: str, pipeline: Pipeline, state: NginxState, facts: Facts, spec: str) -> Iterator[Check]:
    """All of the below. `state` holds what NGINX itself answered; `spec` is the file's name."""
    version = one(facts, "version") or state.version
    if pipeline.nginx.container is None:
        yield judge_running(host, facts, version)
    else:
        yield from judge_container(host, pipeline, facts, version)
    # A container that does not run tells nothing of this.
    if pipeline.nginx.container is None or one(facts, "master"):
        yield judge_version(host, pipeline, version)
        yield judge_valid(host, facts)
    yield judge_sudo(host, pipeline, state, facts, spec)
    if pipeline.nginx.mode == "flag":
        yield judge_site(host, pipeline, state, spec)
        yield judge_flags(host, pipeline, state, facts, spec)
    else:
        yield judge_prepared(host, pipeline, state)
        yield from judge_doubts(host, pipeline, state)
    yield from judge_included(host, pipeline, state, facts)
    yield from judge_certificate(host, facts)


def judge_running(host: str, facts: Facts, version: str) -> Check:
    """Is it there, and does its master process live?"""
    if one(facts, "installed") != "yes":
        return failed(host, NGINX, "is not installed there", "on the NGINX host: apt-get install nginx")
    if one(facts, "master") == "":
        found = f"{version or 'version unknown'}, does not run (no /run/nginx.pid of a live process)"
        return failed(host, NGINX, found, f"on the NGINX host: {NO_MASTER}")
    return ok(host, NGINX, f"{version or 'version unknown'} runs")


def judge_container(host: str, pipeline: Pipeline, facts: Facts, version: str) -> Iterator[Check]:
    """Does NGINX run in its container, and does that share with the host what it has to?"""
    name = pipeline.nginx.container or ""
    problems = list(container_problems(name, facts))
    for problem in problems:
        yield failed(host, problem.name, problem.what, problem.remedy)
    if one(facts, "container") == "unseen":
        found = f"Docker cannot be asked about the container {name}: {one(facts, 'why')}"
        yield warning(host, NGINX, found, "let this user run sh by sudo, or put it into the group docker")
    elif one(facts, "master"):
        yield ok(host, NGINX, f"{version or 'version unknown'} runs in the container {name}")
    if one(facts, "network") == "unseen":
        yield warning(
            host, "container", f"what {name} shares with its host is not visible", "let this user run sh by sudo"
        )
    elif one(facts, "network") and not problems:
        yield ok(host, "container", f"{name} has the host's network, {', '.join(shared_paths(pipeline))}")


def judge_version(host: str, pipeline: Pipeline, version: str) -> Check:
    """Say what this version promises to clients when traffic moves."""
    name = "what a switch costs"
    numbers = numbers_of(version)
    if not numbers:
        return warning(host, name, "NGINX's version cannot be told", "on the NGINX host: nginx -v")
    newer = numbers >= GENTLE_RELOAD
    reload = (
        "a reload spares idle connections where keepalive_min_timeout is set"
        if newer
        else f"a reload may cost requests on keep-alive connections below {'.'.join(map(str, GENTLE_RELOAD))}"
    )
    if pipeline.nginx.mode == "flag":
        return ok(host, name, f"nothing: the flag is no reload. A changed site file is one: {reload}")
    if newer:
        return ok(host, name, f"mode reload: {reload}")
    return warning(host, name, f"mode reload: {reload}, at each switch", "nginx.mode: flag, or a newer NGINX")


def judge_valid(host: str, facts: Facts) -> Check:
    """Judge the output of `nginx -t`, which needs root."""
    verdict = one(facts, "valid")
    if verdict == "yes":
        return ok(host, "nginx -t", "the configuration is valid")
    if verdict == "no":
        said = " ".join(facts.get("said", [])) or "it said nothing"
        return failed(host, "nginx -t", said, "mend that file first; a reload or a restart would fail, too")
    return warning(host, "nginx -t", "not visible without sudo", "on the NGINX host: sudo nginx -t")


def judge_sudo(host: str, pipeline: Pipeline, state: NginxState, facts: Facts, spec: str) -> Check:
    """Which commands need root, and may this user run them without a password?"""
    if state.root == "yes":
        return ok(host, "sudo", "not needed: logs in as root")
    missing = [command for command, allowed in _allowed(facts) if not allowed]
    needed = _needs_root(pipeline, state)
    commands = ", ".join(command for command, _ in _allowed(facts))
    if not missing:
        return ok(host, "sudo", f"{state.user} may run without a password: {commands}")
    found = f"{state.user} may not run without a password: {', '.join(missing)}"
    if needed:
        return failed(host, "sudo", f"{found}; needed, because {needed}", _setup(pipeline, spec))
    return ok(host, "sudo", f"{found}; not needed: the site file is the spec's, and the flag's folder is writable")


def _allowed(facts: Facts) -> list[tuple[str, bool]]:
    """`sudo yes|no COMMAND` lines."""
    pairs = [value.partition(" ") for value in facts.get("sudo", [])]
    return [(command, verdict == "yes") for verdict, _, command in pairs]


def _needs_root(pipeline: Pipeline, state: NginxState) -> str:
    """Why the next deployment needs root on the NGINX host; empty when it does not."""
    if pipeline.nginx.mode == "reload":
        return "mode reload copies a file and reloads NGINX at each switch"
    if state.site_text is None:
        return "the site file is not there yet"
    if not _site_fits(pipeline, state):
        return "the site file differs from the spec"
    return "" if state.flags == "writable" else f"the folder of the flag is {state.flags}"


def _setup(pipeline: Pipeline, spec: str) -> str:
    if pipeline.nginx.mode == "reload":
        return f"an administrator allows sh in /etc/sudoers.d for the user that logs in to {pipeline.nginx.host}"
    return f"an administrator runs once: {setup_command(pipeline.nginx.host).replace('SPEC', spec)}"


def _site_fits(pipeline: Pipeline, state: NginxState) -> bool:
    wanted = wanted_upstreams(pipeline, state.upstreams, state.live)
    return state.site_text == render_site(pipeline, wanted).text


def judge_site(host: str, pipeline: Pipeline, state: NginxState, spec: str) -> Check:
    """Mode flag: is the site file there, is it the spec's, and is it what NGINX serves?"""
    path, serving = site_path(pipeline), state.serving
    if state.site_text is None:
        return ok(host, "site file", f"{path} is not there yet; the first deployment writes it")
    if not state.edited and state.owner != pipeline.service.name:
        remedy = "name another place (nginx.site); or, if nobody needs that file, move it away"
        whose = f"is that of the service {state.owner}" if state.owner else "jenkinsgen did not write it"
        return failed(host, "site file", f"{path} is there, and {whose}", remedy)
    if serving is None:
        for obstacle in why_silent(state.layout, path, read_servers(state.site_text, path)) if state.layout else ():
            found = f"{path} is there, but NGINX does not answer with it: {obstacle.what}"
            return failed(host, "site file", found, obstacle.remedy)
        remedy = "does NGINX run (systemctl status nginx), and does it include that file (nginx -T)?"
        return failed(
            host, "site file", f"{path} is there, but NGINX does not answer with it: which colour is live?", remedy
        )
    if state.edited:
        added, removed = count_edits(edits_of(pipeline, state))
        found = f"{path} was edited by hand: {added} lines more and {removed} fewer than the spec would make it"
        remedy = f"jenkinsgen plan {spec} shows them, and what to do; no build begins until then"
        return failed(host, "site file", f"{found}; {serving.colour} is live", remedy)
    if serving.digest not in state.site_text:
        remedy = f"is it the right one (jenkinsgen nginx show {spec})? then, on that host: nginx -t && nginx -s reload"
        return failed(host, "site file", f"{path} is there, but NGINX serves another one: {serving.digest}", remedy)
    if not _site_fits(pipeline, state):
        remedy = f"nothing to do: the next switch writes it anew (to look at it: jenkinsgen nginx show {spec})"
        return warning(host, "site file", f"{path} differs from the spec; {serving.colour} is live", remedy)
    return ok(host, "site file", f"{path} is the spec's; {serving.colour} is live")


def judge_doubts(host: str, pipeline: Pipeline, state: NginxState) -> Iterator[Check]:
    """Why a switch between the prepared files could not be proven."""
    accepted = pipeline.nginx.unproven == "accept"
    for doubt in state.doubts:
        remedy = "mend what it names; a build stops here, unless `nginx.unproven: accept`"
        yield warning(host, "proof", doubt, remedy) if accepted else failed(host, "proof", doubt, remedy)


def judge_prepared(host: str, pipeline: Pipeline, state: NginxState) -> Check:
    """Mode reload: are the team's files there, and is the site file one of them?"""
    path = site_path(pipeline)
    if state.missing:
        found = f"{', '.join(state.missing)} is not there"
        return failed(host, "site file", found, "mode reload needs the team's two prepared site files")
    if state.site_text is None:
        return ok(host, "site file", f"{path} is not there yet; the first deployment writes it")
    if state.live is None:
        remedy = "diff tells what was edited; then it has to be a copy of the prepared file whose servers it has now"
        return failed(host, "site file", f"{path} is neither the prepared file of green nor that of blue", remedy)
    return ok(host, "site file", f"{path} is the prepared file of {state.live}, which is live")


def judge_included(host: str, pipeline: Pipeline, state: NginxState, facts: Facts) -> Iterator[Check]:
    """Does nginx.conf include the site file? Asked where NGINX does not answer with it yet."""
    path = site_path(pipeline)
    if state.live is not None:
        return
    if state.layout is not None and state.site_text is None:
        # Two prepared files say most things twice.
        found = [
            failed(host, "include", each.what, each.remedy) for each in dict.fromkeys(obstacles_to(pipeline, state))
        ]
        where = posixpath.dirname(path)
        yield from found or [ok(host, "include", f"nginx.conf includes {where}, and nobody else has that server_name")]
        return
    if one(facts, "configuration") != "readable":
        remedy = "on the NGINX host: sudo nginx -T | grep include"
        yield warning(host, "include", f"{CONFIGURATION}/nginx.conf cannot be read by this user", remedy)
        return
    patterns = facts.get("include", [])
    if any(includes(pattern, path) for pattern in patterns):
        yield ok(host, "include", f"nginx.conf includes {posixpath.dirname(path)}")
        return
    remedy = f"in http {{}} of nginx.conf: include {posixpath.dirname(path)}/*.conf; or another nginx.site"
    yield failed(host, "include", f"no include of nginx.conf matches {path} ({', '.join(patterns) or 'none'})", remedy)


def includes(pattern: str, path: str) -> bool:
    """Does the argument of an `include` match a file? A relative one begins at the folder of nginx.conf."""
    bare = re.sub(r"\s*;.*$", "", pattern).strip("\"'")
    whole = bare if bare.startswith("/") else f"{CONFIGURATION}/{bare}"
    # `*` does not reach into folders, as in glob(3).
    return whole.count("/") == path.count("/") and fnmatch(path, whole)


def judge_flags(host: str, pipeline: Pipeline, state: NginxState, facts: Facts, spec: str) -> Check:
    """Mode flag: the folder whose one file is the switch."""
    folder = flag_folder(pipeline)
    if state.flags == "writable":
        return ok(host, "flag folder", f"{folder} is writable for {state.user}")
    may_make = state.root == "yes" or all(allowed for _, allowed in _allowed(facts))
    if state.flags == "absent" and may_make:
        return ok(host, "flag folder", f"{folder} is not there yet; the first deployment makes it")
    if state.live is None and may_make:
        return ok(host, "flag folder", f"{folder} is not writable for {state.user}; the first deployment changes that")
    return failed(host, "flag folder", f"{folder} is {state.flags} for {state.user}", _setup(pipeline, spec))


def judge_certificate(host: str, facts: Facts) -> Iterator[Check]:
    """`absent FILE` lines: what nginx.certificate and its key name."""
    missing: Sequence[str] = facts.get("absent", [])
    if missing:
        remedy = "nginx.certificate and nginx.certificate_key are paths on the NGINX host"
        yield failed(host, "certificate", f"{', '.join(missing)} is not there", remedy)
