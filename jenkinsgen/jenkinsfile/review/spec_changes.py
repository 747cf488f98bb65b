"""Differences between two specs, field by field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jenkinsgen.container.settings import SETTINGS
from jenkinsgen.deploy.strategies.registry import REVIEWS
from jenkinsgen.jenkinsfile.review.model import Change, Sentence, Verb, say
from jenkinsgen.jenkinsfile.review.spec_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server

# Key path as in WORDS, and which entry of a list or map it is.
Key = tuple[str, "str | None"]


def spec_changes(before: Pipeline | None, after: Pipeline | None) -> list[Change]:
    """Every field whose meaning differs; None is a spec that does not exist."""
    old, new = (dict(fields(side)) if side is not None else {} for side in (before, after))
    found: list[Change] = []
    for key in sorted({*old, *new}, key=_in_order):
        was, is_now = old.get(key), new.get(key)
        if was == is_now:
            continue
        verb = Verb.ADDED if was is None else Verb.REMOVED if is_now is None else Verb.CHANGED
        subject, _ = WORDS[key[0]]
        found.append(Change(subject, name_of(key), verb, was, is_now, field=True))
    return found


def name_of(key: Key) -> Sentence:
    """The field in words, with the entry's own name where it is one of several."""
    path, entry = key
    words = WORDS[path][1]
    return say(words) if entry is None else say(f"{words} {{}}", entry)


def fields(pipeline: Pipeline) -> Iterator[tuple[Key, str]]:
    """Each field that says something, as text a person reads; servers and parameters by their name."""
    data = pipeline.model_dump(mode="json", by_alias=True)
    for server in pipeline.servers:
        yield ("servers[]", str(server)), _login(server)
    for parameter in data["job"].pop("parameters"):
        name = parameter.pop("name")
        yield ("job.parameters[]", name), ", ".join(f"{key} {_shown(value)}" for key, value in parameter.items())
    for review in REVIEWS:
        for path, entry, text in review.entries(data[review.section] or {}):
            yield (path, entry), text
    for setting in SETTINGS:
        del data["service"][setting.key]
        for name, text in setting.entries(getattr(pipeline.service, setting.key)).items():
            yield (setting.path, name), text
    del data["nginx"]["others"], data["nginx"]["trusted_proxies"]
    for network in pipeline.nginx.trusted_proxies:
        yield ("nginx.trusted_proxies[]", network), network
    for host in pipeline.nginx.others:
        yield ("nginx.others[]", str(host)), str(host)
    del data["servers"]
    yield from _flat(data, "")


def _login(server: Server) -> str:
    through = f", known to NGINX as {server.address}" if server.address else ""
    return f"{server.ssh}{through}"


def _flat(data: dict[str, Any], path: str) -> Iterator[tuple[Key, str]]:
    for key, value in data.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict) and f"{here}[]" in WORDS:
            yield from (((f"{here}[]", entry), _shown(each)) for entry, each in value.items())
        elif isinstance(value, dict):
            yield from _flat(value, here)
        elif value not in (None, ""):
            yield (here, None), _shown(value)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_ORDER = {path: index for index, path in enumerate(WORDS)}


def _in_order(key: Key) -> tuple[int, str]:
    return _ORDER[key[0]], key[1] or ""
