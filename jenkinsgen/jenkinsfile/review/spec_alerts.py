"""Changes of a spec that a reviewer should not overlook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.container.settings import SETTINGS
from jenkinsgen.deploy.strategies.registry import REVIEWS
from jenkinsgen.jenkinsfile.review.model import Alert, Change, Sentence, Verb, say
from jenkinsgen.jenkinsfile.review.spec_changes import fields, name_of
from jenkinsgen.jenkinsfile.review.spec_words import WORDS
from jenkinsgen.spec.guard import BY_LOG
from jenkinsgen.spec.values import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.spec.guard import Guard, Prometheus
    from jenkinsgen.spec.nginx import Nginx
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Health

# Fields of which any change is one: key path -> code.
_ANY_CHANGE = {
    "job.name": "job-changed",
    "job.agent": "agent-changed",
    "tool.from": "agent-changed",
    "tool.version": "agent-changed",
    "tool.image": "agent-changed",
    "tool.docker_group": "agent-changed",
    "source.repository": "source-changed",
    "source.branch": "source-changed",
    "build.command": "command-changed",
    "build.directory": "command-changed",
    "image.repository": "image-changed",
    "image.context": "image-changed",
    "image.dockerfile": "image-changed",
    "image.artifact.from": "image-changed",
    "service.name": "service-changed",
    "service.ports.green": "port-changed",
    "service.ports.blue": "port-changed",
    "service.container_port": "port-changed",
    "swarm.manager": "server-changed",
    "ssh.known_hosts": "known-hosts-changed",
    "nginx.host": "nginx-changed",
    "nginx.container": "nginx-changed",
    "nginx.mode": "nginx-changed",
    "nginx.server_name": "nginx-changed",
    "nginx.site": "nginx-changed",
    "nginx.prepared.green": "nginx-changed",
    "nginx.prepared.blue": "nginx-changed",
    "nginx.unproven": "nginx-changed",
    "template": "template-changed",
}


def spec_alerts(before: Pipeline, after: Pipeline) -> list[Alert]:
    """Alerts of a spec that was there before and still is."""
    return [
        *_fields(before, after),
        *_health(before.service.health, after.service.health),
        *_tls(before.nginx, after.nginx),
        *_nginx_hosts(before.nginx, after.nginx),
        *_trusted(before.nginx, after.nginx),
        *_engine(before, after),
        *_servers(before, after),
        *_shortened(before, after),
        *_guard(before.guard, after.guard),
        *_strategies(before, after),
        *_container(before, after),
        *credential_changes(before, after),
    ]


def credential_ids(pipeline: Pipeline) -> dict[Sentence, str]:
    """The purpose of each credential -> its id."""
    submodules = pipeline.source.submodules
    single = {
        "source.credential": pipeline.source.credential,
        "source.submodules.credential": submodules.credential if submodules else None,
        "image.credential": pipeline.image.credential,
        "image.pull_credential": pipeline.image.pull_credential,
        "ssh.credential": pipeline.ssh.credential,
    }
    found = {name_of((path, None)): identifier for path, identifier in single.items() if identifier is not None}
    return found | {name_of(("service.secrets[]", name)): each for name, each in pipeline.service.secrets.items()}


def newly_used(before: Pipeline | None, after: Pipeline) -> frozenset[str]:
    """Ids of the credentials that serve for something that they did not serve for before."""
    old = credential_ids(before) if before is not None else {}
    return frozenset(each for purpose, each in credential_ids(after).items() if old.get(purpose) != each)


def credential_changes(before: Pipeline | None, after: Pipeline) -> Iterator[Alert]:
    """Credentials that are new to the pipeline, that serve for something else, or no more."""
    old, new = credential_ids(before) if before is not None else {}, credential_ids(after)
    for purpose in dict.fromkeys((*old, *new)):
        was, is_now = old.get(purpose), new.get(purpose)
        if was == is_now:
            continue
        former = ("; before it was {}", [was]) if was else ("", [])
        if is_now is None:
            text = say(f"no {purpose.template} any more; it was {{}}", *purpose.quoted, was)
            yield Alert("credential-removed", str(purpose), text)
        elif is_now not in old.values():
            news = f"a credential not used before: {{}} as {purpose.template}{former[0]}"
            yield Alert("new-credential", is_now, say(news, is_now, *purpose.quoted, *former[1]))
        else:
            news = f"another {purpose.template}: {{}}{former[0]}"
            yield Alert("credential-changed", str(purpose), say(news, *purpose.quoted, is_now, *former[1]))


def _fields(before: Pipeline, after: Pipeline) -> Iterator[Alert]:
    old, new = dict(fields(before)), dict(fields(after))
    for path, code in _ANY_CHANGE.items():
        key = (path, None)
        if old.get(key) != new.get(key):
            yield changed(code, Change(WORDS[path][0], name_of(key), Verb.CHANGED, old.get(key), new.get(key)))


def changed(code: str, change: Change) -> Alert:
    """`NAME changed: OLD → NEW`, with the name as it is in the change."""
    place, old, new = change.place, change.before, change.after
    about = f"{place}:{new}" if code != "command-changed" else new or old or ""
    if old is None:
        return Alert(code, about, say(f"{place.template} set: {{}}", *place.quoted, new))
    if new is None:
        return Alert(code, about, say(f"{place.template} no longer set; it was {{}}", *place.quoted, old))
    return Alert(code, about, say(f"{place.template} changed: {{}} → {{}}", *place.quoted, old, new))


def _health(before: Health, after: Health) -> Iterator[Alert]:
    code, weaker = "health-weakened", "health gate weakened: "
    if after.successes < before.successes:
        text = say(weaker + "{} → {} successes in a row", before.successes, after.successes)
        yield Alert(code, "successes", text)
    watched = [each.interval * (each.successes - 1) for each in (before, after)]
    if watched[1] < watched[0] and after.interval < before.interval:
        text = say(weaker + "looks {} → {} apart", show_duration(before.interval), show_duration(after.interval))
        yield Alert(code, "interval", text)
    if after.path != before.path:
        yield Alert("health-changed", "path", say("health is asked at another path: {} → {}", before.path, after.path))
    if after.origin != before.origin:
        text = say("health is looked at from somewhere else: {} → {}", before.origin, after.origin)
        yield Alert("health-changed", "from", text)
    if after.timeout < before.timeout:
        times = show_duration(before.timeout), show_duration(after.timeout)
        yield Alert("shortened", "health", say("time to become healthy shortened: {} → {}", *times))


def _tls(before: Nginx, after: Nginx) -> Iterator[Alert]:
    if before.certificate and not after.certificate:
        text = say("TLS removed: NGINX would serve plain HTTP on port 80; the certificate was {}", before.certificate)
        yield Alert("tls-removed", "", text)
        return
    pairs = (
        ("TLS certificate", before.certificate, after.certificate),
        ("key of the TLS certificate", before.certificate_key, after.certificate_key),
    )
    for name, old, new in pairs:
        if old and old != new:
            yield Alert("tls-changed", name, say(f"{name} changed: {{}} → {{}}", old, new))


def _nginx_hosts(before: Nginx, after: Nginx) -> Iterator[Alert]:
    for host in before.others:
        if host not in after.others:
            stays = "; it keeps serving what it serves now, and no switch reaches it any more"
            yield Alert("nginx-changed", str(host), say("an NGINX host removed: {}" + stays, host))
    for host in after.others:
        if host not in before.others:
            yield Alert(
                "nginx-changed", str(host), say("an NGINX host added: {}; it is switched with the others", host)
            )


def _trusted(before: Nginx, after: Nginx) -> Iterator[Alert]:
    for network in after.trusted_proxies:
        if network not in before.trusted_proxies:
            text = "a proxy is trusted: {}; NGINX believes what it says of clients' addresses and of https"
            yield Alert("nginx-changed", network, say(text, network))
    for network in before.trusted_proxies:
        if network not in after.trusted_proxies:
            text = "a proxy is no longer trusted: {}; what comes through it has its address and its scheme"
            yield Alert("nginx-changed", network, say(text, network))


def _engine(before: Pipeline, after: Pipeline) -> Iterator[Alert]:
    if before.engine != after.engine:
        stays = "; what the former one runs is neither seen nor removed any more (docs/swarm.md)"
        text = say("another engine runs the containers: {} → {}" + stays, before.engine, after.engine)
        yield Alert("engine-changed", "engine", text)


def _servers(before: Pipeline, after: Pipeline) -> Iterator[Alert]:
    old, new = ({str(server): server for server in side.servers} for side in (before, after))
    for name in old:
        if name not in new:
            stays = "; its containers are not stopped by this"
            yield Alert("server-removed", name, say("a server removed: {}" + stays, name))
    for name, server in new.items():
        if name not in old:
            gets = "; it gets the image and the container's secrets"
            yield Alert("server-added", name, say("a server added: {}" + gets, name))
        elif server != old[name]:
            users = [f"{each.ssh} ({each.upstream})" for each in (old[name], server)]
            yield Alert("server-changed", name, say("server {} is reached in another way: {} → {}", name, *users))


def _shortened(before: Pipeline, after: Pipeline) -> Iterator[Alert]:
    pairs: list[tuple[str, float, float]] = [
        ("cleanup.drain", before.cleanup.drain, after.cleanup.drain),
        ("cleanup.grace", before.cleanup.grace, after.cleanup.grace),
        ("bake", before.bake, after.bake),
    ]
    pairs += [
        (f"timeouts.{name}", getattr(before.timeouts, name), getattr(after.timeouts, name))
        for name in type(before.timeouts).model_fields
    ]
    for path, old, new in pairs:
        if new < old:
            times = show_duration(old), show_duration(new)
            yield Alert("shortened", path, say(f"{WORDS[path][1]} shortened: {{}} → {{}}", *times))
    releases = before.cleanup.keep_releases, after.cleanup.keep_releases
    if releases[1] < releases[0]:
        yield Alert("shortened", "keep_releases", say("fewer older images stay for a way back: {} → {}", *releases))


def _guard(before: Guard | None, after: Guard | None) -> Iterator[Alert]:
    code = "guard-weakened"
    if before is None:
        return
    if after is None:
        yield Alert(code, "guard", say("the guard is gone: nobody looks at a new colour after its switch"))
        return
    for name in (*BY_LOG, "health"):
        old, new = getattr(before, name), getattr(after, name)
        if new > old:
            times = (show_duration(old), show_duration(new)) if name == "window" else (f"{old:g}", f"{new:g}")
            yield Alert(code, name, say(f"{WORDS[f'guard.{name}'][1]}: {{}} → {{}}", *times))
    if before.unjudged != after.unjudged == "continue":
        yield Alert(code, "unjudged", say("a bake of which nobody can tell how it went is no longer refused"))
    yield from _prometheus(before.prometheus, after.prometheus)


def _prometheus(before: Prometheus | None, after: Prometheus | None) -> Iterator[Alert]:
    code = "guard-weakened"
    if before is None:
        return
    if after is None:
        yield Alert(code, "prometheus", say("Prometheus is asked no more; the query was {}", before.query))
        return
    if (before.url, before.query) != (after.url, after.query):
        sides = (f"{side.query} at {side.url}" for side in (before, after))
        yield Alert(code, "query", say("Prometheus is asked something else: {} → {}", *sides))
    if after.at_most > before.at_most:
        limits = f"{before.at_most:g}", f"{after.at_most:g}"
        yield Alert(code, "at_most", say("largest number of the query of Prometheus: {} → {}", *limits))


def _strategies(before: Pipeline, after: Pipeline) -> Iterator[Alert]:
    for review in REVIEWS:
        for each in review.weakened(before, after):
            yield Alert(each.code, each.about, say(each.template, *each.quoted))


def _container(before: Pipeline, after: Pipeline) -> Iterator[Alert]:
    for setting in SETTINGS:
        old, new = (getattr(each.service, setting.key) for each in (before, after))
        for found in setting.weakened(old, new):
            yield Alert(found.code, found.about, say(found.template, *found.quoted))
