"""Which jobs prune would put aside, delete, or leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from jenkinsgen.errors import CheckFailed
from jenkinsgen.jobs.marker import Marker, marker_of, put_aside
from jenkinsgen.jobs.model import InlineScript, Job
from jenkinsgen.jobs.prune import Fate, Owned, Scope, Unasked, as_text, fate, plan_prune

LONG_AGO = Unasked(since=date(2020, 1, 1))
TODAY = date(2026, 11, 23)


def marker(name: str, owner: str = "git.test/shop", spec: str = "pipelines/shop.yaml") -> Marker:
    job = Job(name=name, definition=InlineScript(script="pipeline { }"))
    return marker_of(job, owner=owner, spec=spec, version="0.1.0")


WANTED = [Owned(name=f"wanted {index}", marker=marker(f"wanted {index}"), busy=False) for index in range(4)]
SCOPE = Scope(owner="git.test/shop", folders=("pipelines",), wanted=frozenset(job.name for job in WANTED))


def fates(*jobs: Owned, scope: Scope = SCOPE, max_percent: int = 20) -> dict[str, Fate]:
    planned = plan_prune([*WANTED, *jobs], scope, today=TODAY, keep_days=14, max_percent=max_percent)
    return {each.name: each.fate for each in planned}


def job(quarantined: str | None = None, *, busy: bool = False, name: str = "old", **fields: str) -> Owned:
    """One that no spec asks for, as prune left it."""
    mine = marker(name, **fields)
    if quarantined is not None:
        mine = put_aside(mine, name, on=date.fromisoformat(quarantined), was_disabled=False)
    return Owned(name=name, marker=mine, busy=busy, disabled=quarantined is not None, unasked=LONG_AGO)


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
    others = [job(name=name) for name in ("a", "b")]

    with pytest.raises(CheckFailed, match=r"2 of the 6 jobs of git.test/shop would go, more than 20 %: a, b"):
        fates(*others)
    assert len(fates(*others, max_percent=34)) == 2


def test_forged_markers_do_not_raise_how_many_may_go():
    forged = [job("2026-11-22", name=f"forged {index}") for index in range(50)]

    with pytest.raises(CheckFailed, match="2 of the 6 jobs"):
        fates(*forged, job(name="a"), job(name="b"))


def test_those_that_already_wait_do_not_count():
    waiting = [job("2026-11-22", name=name) for name in ("a", "b")]

    assert fates(*waiting, job(), max_percent=20)["old"] is Fate.QUARANTINE


OLD = job("2000-01-01")


@pytest.mark.parametrize(
    ("old", "words"),
    [
        (replace(OLD, disabled=False), "prune disabled it on 2000-01-01, and somebody enabled it again"),
        (
            replace(OLD, edited=True),
            "was changed since jenkinsgen wrote it: look at it, and delete it by hand if nobody needs it",
        ),
        (replace(OLD, unasked=Unasked(since=None, reason="nobody knows")), "disabled; nobody knows"),
        (replace(OLD, name="copy of old"), "has a marker that was written for another job, or changed by hand"),
        (
            replace(OLD, marker=replace(marker("old"), quarantined=date(2000, 1, 1))),
            "has a marker that was written for another job, or changed by hand",
        ),
        (replace(OLD, trouble="old: cannot be read"), "old: cannot be read"),
    ],
)
def test_a_marker_alone_never_deletes_a_job(old: Owned, words: str):
    assert fate(OLD, TODAY, 14).fate is Fate.DELETE

    pruning = fate(old, TODAY, 14)

    assert pruning.fate is Fate.KEEP
    assert as_text([pruning]) == f"- {old.name}: left alone: {words}"


@pytest.mark.parametrize(
    "old",
    [
        replace(OLD, last_build=date(2026, 11, 20)),
        replace(OLD, unasked=Unasked(since=date(2026, 11, 20))),
        job("2026-11-20"),
        job("9999-12-31"),
    ],
)
def test_the_days_are_counted_from_the_latest_of_marker_history_and_last_build(old: Owned):
    pruning = fate(old, TODAY, 14)

    assert pruning.fate is Fate.WAIT
    assert pruning.until in {date(2026, 12, 4), date.max}


def test_a_copy_of_a_job_is_nobodys_to_prune():
    copied = replace(job(), name="shop of somebody else")

    assert fates(copied, max_percent=0) == {"shop of somebody else": Fate.KEEP}


def test_a_broken_marker_is_shown_and_stops_nobody():
    broken = Owned(name="broken", marker=None, busy=False)

    assert fates(broken, job()) == {"broken": Fate.KEEP, "old": Fate.QUARANTINE}


def test_a_wanted_job_is_known_by_its_name_as_jenkins_compares_names():
    """At the root Jenkins ignores case, inside a folder it does not."""
    scope = replace(SCOPE, wanted=frozenset({"Shop", "team/shop"}))

    assert fates(job(name="shop"), scope=scope, max_percent=100).keys() == {each.name for each in WANTED}
    assert "team/Shop" in fates(job(name="team/Shop"), scope=scope, max_percent=100)
