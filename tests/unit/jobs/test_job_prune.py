"""Which jobs prune would put aside, delete, or leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from jenkinsgen.errors import CheckFailed
from jenkinsgen.jobs.marker import Marker
from jenkinsgen.jobs.prune import Fate, Owned, Scope, plan_prune

MARKER = Marker(owner="git.test/shop", spec="pipelines/shop.yaml", version="0.1.0", digest="0" * 12, base={})
WANTED = [Owned(name=f"wanted {index}", marker=MARKER, busy=False) for index in range(4)]
SCOPE = Scope(owner="git.test/shop", folders=("pipelines",), wanted=frozenset(job.name for job in WANTED))
TODAY = date(2026, 11, 23)


def fates(*jobs: Owned, scope: Scope = SCOPE, max_percent: int = 20) -> dict[str, Fate]:
    planned = plan_prune([*WANTED, *jobs], scope, today=TODAY, keep_days=14, max_percent=max_percent)
    return {each.name: each.fate for each in planned}


def job(quarantined: str | None = None, *, busy: bool = False, **marker: str) -> Owned:
    return Owned(name="old", marker=replace(MARKER, quarantined=quarantined, **marker), busy=busy)


@pytest.mark.parametrize(
    ("old", "fate"),
    [
        (job(), Fate.QUARANTINE),
        (job("2026-11-22"), Fate.WAIT),
        (job("2026-11-10"), Fate.WAIT),
        (job("2026-11-09"), Fate.DELETE),
        (job(busy=True), Fate.BUSY),
        (job("2026-11-09", busy=True), Fate.BUSY),
    ],
)
def test_put_aside_first_deleted_later_never_while_it_builds(old: Owned, fate: Fate):
    assert fates(old) == {"old": fate}


@pytest.mark.parametrize(
    "old", [job(owner="git.test/other"), job(spec="other/shop.yaml"), job(spec="pipelines2/shop.yaml")]
)
def test_jobs_of_others_are_not_seen(old: Owned):
    assert fates(old, max_percent=0) == {}


def test_specs_in_the_root_of_the_repository():
    assert fates(job(spec="shop.yaml"), scope=replace(SCOPE, folders=("",))) == {"old": Fate.QUARANTINE}


def test_too_many_at_once_are_refused():
    others = [replace(job(), name=name) for name in ("a", "b")]

    with pytest.raises(CheckFailed, match=r"2 of the 6 jobs of git.test/shop would go, more than 20 %: a, b"):
        fates(*others)
    assert len(fates(*others, max_percent=34)) == 2


def test_those_that_already_wait_do_not_count():
    waiting = [replace(job("2026-11-22"), name=name) for name in ("a", "b")]

    assert fates(*waiting, job(), max_percent=20)["old"] is Fate.QUARANTINE
