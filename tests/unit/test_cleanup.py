"""cleanup: what it does when the guard has refused a release; NGINX, servers and lease are not asked."""

from __future__ import annotations

import io
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from examples import container, pipeline, release, servers, world

from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.errors import LeaseHeld, ReleaseRefused
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages import cleanup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_the_way_back_waits_for_a_build_that_has_begun_and_is_from_the_judged_release(monkeypatch: pytest.MonkeyPatch):
    asked: dict[str, Any] = {}

    def refuses(*_: object, **__: object) -> None:
        raise ReleaseRefused("blue does badly\n  the end of its log")

    @contextmanager
    def lease(*_: object, **options: object) -> Iterator[None]:
        asked.update(options)
        yield

    def goes_back(*arguments: object, bad: str) -> object:
        asked.update(why=arguments[-1], bad=bad)
        return release(Colour.GREEN, number=6)

    monkeypatch.setattr(cleanup, "watch", refuses)
    monkeypatch.setattr(cleanup, "transaction", lease)
    monkeypatch.setattr(cleanup, "go_back", goes_back)
    spec = pipeline("{bake: 1m, guard: {}, timeouts: {cleanup: 15m}}")
    journal = Journal((Entry(release(), 1),), live=release().version)
    session: Any = SimpleNamespace(pipeline=spec)

    with pytest.raises(ReleaseRefused, match="0123456789ab-6 is live again"):
        cleanup._bake(session, world(Colour.BLUE, servers(container(Colour.BLUE)), journal), 30, None, Report())

    assert (asked["urgent"], asked["wait"]) == (True, 900)
    assert (asked["why"], asked["bad"]) == ("blue does badly", release().version)


def test_a_release_that_baked_well_is_no_failure_because_the_next_build_has_begun(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cleanup, "open_session", lambda *_, **__: nullcontext())
    monkeypatch.setattr(cleanup, "_bake", lambda *_: None)
    looks = iter([(world(Colour.BLUE, {}), 30.0), LeaseHeld("another deployment is under way: build 8")])

    def remove(*_: object) -> object:
        found = next(looks)
        if isinstance(found, LeaseHeld):
            raise found
        return found

    monkeypatch.setattr(cleanup, "_remove", remove)
    said = io.StringIO()

    cleanup.cleanup(pipeline(), Report(said), wait=True)

    assert "build 8; the old colour is left to it" in said.getvalue()
