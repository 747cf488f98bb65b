"""The trace file of a command: valid, nested on each track, and never in the way of the command."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from timings_file import check_nesting, tracks

from jenkinsgen import timings
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.deploy.steps import Phase, Plan, RemoveTag
from jenkinsgen.report import Report
from jenkinsgen.timings import Timings

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.deploy.run import Cancellation
    from jenkinsgen.deploy.steps import Step

HOSTS = ("app1", "app2", "app3")


def ended(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A stage that cannot begin: it reads its spec, and finds no release."""
    spec = folder / "shop.yaml"
    return subprocess.run(
        [sys.executable, "-m", "jenkinsgen", "switch-nginx", str(spec)],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_steps_nest_in_their_phase_and_checks_in_their_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    recorded = Timings()
    monkeypatch.setattr(timings, "_timings", recorded)

    class Performer:
        def accept(self, plan: Plan) -> None:
            """Whatever it is."""

        def __call__(self, host: str, step: Step, cancellation: Cancellation) -> None:  # noqa: ARG002 - as a stage's
            with timings.span("check the lease"):
                time.sleep(0.002)
            time.sleep(0.002)

    steps = (RemoveTag("first"), RemoveTag("second"))
    run_plan(Plan((Phase("remove", dict.fromkeys(HOSTS, steps)),)), Performer(), Report(io.StringIO()))
    recorded.save(tmp_path / "timings.json", "test")

    found = tracks(tmp_path / "timings.json")
    assert set(found) == {("test", timings.PROCESS), *(("test", host) for host in HOSTS)}
    (phase,) = found["test", timings.PROCESS]
    for host in HOSTS:
        spans = found["test", host]
        check_nesting(spans)
        assert sorted(span["name"] for span in spans) == [
            *["check the lease"] * 2,
            "remove the local tag first",
            "remove the local tag second",
        ]
        assert min(span["ts"] for span in spans) >= phase["ts"]
        assert max(span["ts"] + span["dur"] for span in spans) <= phase["ts"] + phase["dur"]


def test_a_span_is_recorded_also_when_what_is_inside_fails(tmp_path: Path):
    recorded = Timings()
    with pytest.raises(RuntimeError), recorded.span("outer", None), recorded.span("inner", "app1"):
        raise RuntimeError
    recorded.save(tmp_path / "timings.json", "test")
    names = {key[1]: [span["name"] for span in spans] for key, spans in tracks(tmp_path / "timings.json").items()}
    assert names == {"app1": ["inner"], timings.PROCESS: ["outer"]}


def test_threads_have_the_track_that_they_were_given(tmp_path: Path):
    recorded = Timings()

    def work(host: str) -> None:
        with recorded.span("step", host), recorded.span("part", None):
            time.sleep(0.001)

    threads = [threading.Thread(target=work, args=(host,)) for host in HOSTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorded.save(tmp_path / "timings.json", "test")
    for host in HOSTS:
        spans = tracks(tmp_path / "timings.json")["test", host]
        assert {span["name"] for span in spans} == {"step", "part"}
        check_nesting(spans)


def test_the_stages_of_a_build_stand_in_one_file(tmp_path: Path):
    path = tmp_path / "kept" / "timings.json"
    for stage in ("first", "second"):
        recorded = Timings()
        with recorded.span("work", None):
            pass
        recorded.save(path, stage)
    assert {title for title, _ in tracks(path)} == {"first", "second"}


def test_a_file_that_is_something_else_is_begun_anew(tmp_path: Path):
    path = tmp_path / "timings.json"
    for text in ("half a fi", "[]", '{"traceEvents": 3}'):
        path.write_text(text)
        recorded = Timings()
        with recorded.span("work", None):
            pass
        recorded.save(path, "test")
        assert set(tracks(path)) == {("test", timings.PROCESS)}


@pytest.mark.slow
def test_a_command_writes_where_its_time_went_also_when_it_fails(tmp_path: Path):
    path = tmp_path / "timings.json"
    began = time.time_ns() // 1000

    done = ended(tmp_path, JENKINSGEN_TIMINGS=str(path))

    assert done.returncode != 0
    (key,) = tracks(path)
    assert key == ("jenkinsgen switch-nginx", timings.PROCESS)
    spans: list[dict[str, Any]] = tracks(path)[key]
    check_nesting(spans)
    assert {"start Python", "import", "read the spec"} <= {span["name"] for span in spans}
    # The kernel counts in hundredths of a second.
    assert min(span["ts"] for span in spans) >= began - 20_000
    assert max(span["ts"] + span["dur"] for span in spans) <= time.time_ns() // 1000


@pytest.mark.slow
def test_without_the_variable_nothing_is_written(tmp_path: Path):
    ended(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path):
    (tmp_path / "file").write_text("")
    usual = ended(tmp_path)
    done = ended(tmp_path, JENKINSGEN_TIMINGS=str(tmp_path / "file" / "timings.json"))
    assert done.returncode == usual.returncode
    assert "warning: JENKINSGEN_TIMINGS: " in done.stderr
    assert "Traceback" not in done.stderr
