"""Facts that a script on a host prints: `key value` lines, a key as often as it has values."""

from __future__ import annotations

Facts = dict[str, list[str]]


def read_facts(output: str) -> Facts:
    """Key -> its values, in the order of the lines."""
    facts: Facts = {}
    for line in output.splitlines():
        key, _, value = line.partition(" ")
        facts.setdefault(key, []).append(value)
    return facts


def one(facts: Facts, key: str) -> str:
    """The first value of a key; empty when the script did not print it."""
    return facts.get(key, [""])[0]
