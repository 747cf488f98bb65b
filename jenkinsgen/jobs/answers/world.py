"""Answers of a Jenkins server about itself, for preflight: plugins, nodes, credentials. Read as in server.py."""

from __future__ import annotations

from typing import Any

from jenkinsgen.jobs.answers.server import entries, flag, mapping, text
from jenkinsgen.jobs.preflight import Node

GLOBAL_DOMAIN = "_"


def plugins(answer: Any) -> dict[str, str]:
    """Active plugins and their versions."""
    return {
        text(plugin, "shortName"): text(plugin, "version")
        for plugin in entries(mapping(answer), "plugins")
        if flag(plugin, "active") and flag(plugin, "enabled")
    }


def nodes(answer: Any) -> list[Node]:
    return [
        Node(
            labels=frozenset(text(label, "name") for label in entries(computer, "assignedLabels")),
            online=not flag(computer, "offline"),
        )
        for computer in entries(mapping(answer), "computer")
    ]


def credentials(answer: Any) -> dict[str, str]:
    """Id -> kind of each credential of a domain."""
    return {text(each, "id"): text(each, "typeName") for each in entries(mapping(answer), "credentials")}


def has_only_global_domain(answer: Any) -> bool:
    """Whether a store has no other domain: credentials for one host, say, have their own."""
    domains = mapping(answer).get("domains")
    return isinstance(domains, dict) and domains.keys() <= {GLOBAL_DOMAIN}
