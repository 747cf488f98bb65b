"""What a person with Job/Configure, who may write any marker, cannot make `jobs prune` do."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jobs_repository import SPEC, commit_and_fetch

from jenkinsgen.edge.git_history import History
from jenkinsgen.edge.jenkins.server import JenkinsServer
from jenkinsgen.jobs.config_xml.document import escape
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.config_xml.writing import config_xml
from jenkinsgen.jobs.marker import Marker, marker_of, put_aside, split_marker, with_marker
from jenkinsgen.jobs.model import InlineScript, Job

if TYPE_CHECKING:
    from fake_jenkins import FakeJenkins
    from jobs_repository import Run

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings

LONG_AGO = date(2000, 1, 1)
PRUNE = ("jobs", "prune", "--yes", "--max-percent", "100")


def forged(name: str) -> tuple[Job, Marker]:
    """A job with the best marker that can be forged: this repository's, put aside long ago, its digest right."""
    job = Job(name=name, definition=InlineScript(script="pipeline { }"))
    marker = marker_of(job, owner="git.test/shop", spec="pipelines/gone.yaml", version="0.1.0")
    return job, put_aside(marker, name, on=LONG_AGO, was_disabled=False)


def plant(settings: JenkinsSettings, name: str) -> None:
    """A disabled job with a forged marker."""
    job, marker = forged(name)
    config = config_xml(job, marker).replace("<disabled>false", "<disabled>true")
    JenkinsServer(settings).create(name, config)


def remove_shop(repository: Path) -> None:
    Path("pipelines/shop.yaml").unlink()
    Path("pipelines/shop.Jenkinsfile").unlink()
    commit_and_fetch(repository)


def test_a_folder_is_never_deleted_whatever_its_description_says(
    run: Run, fake: FakeJenkins, settings: JenkinsSettings, repository: Path
):
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    server = JenkinsServer(settings)
    marker = forged("payments")[1]
    folder = "com.cloudbees.hudson.plugins.folder.Folder"
    server.create("payments", f"<{folder}><description>{with_marker('', marker)}</description></{folder}>")
    for index in range(50):
        server.create(f"payments/job {index}", "<flow-definition/>")

    code, output = run(*PRUNE)

    assert (code, "payments" in output) == (0, False)
    assert len(fake.item("payments").children) == 50


def test_a_forged_marker_with_an_old_date_deletes_nothing(
    run: Run, fake: FakeJenkins, settings: JenkinsSettings, repository: Path
):
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    plant(settings, "payments")

    code, output = run(*PRUNE, "--days", "0")

    assert code == 0
    why = "no commit of pipelines/gone.yaml on this branch ever asked for it"
    assert f"- payments: left alone: disabled; {why}\n" in output
    assert "payments" in fake.root.children


def test_a_removed_spec_of_the_repository_deletes_no_other_job(run: Run, settings: JenkinsSettings, repository: Path):
    Path("pipelines/gone.yaml").write_text(SPEC.format(name="gone"))
    commit_and_fetch(repository)
    Path("pipelines/gone.yaml").unlink()
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    plant(settings, "payments")
    plant(settings, "team/gone")

    output = run(*PRUNE, "--days", "0")[1]

    assert "payments: left alone" in output
    assert "team/gone: deleted" in output


def test_a_job_that_somebody_enabled_again_is_not_deleted(run: Run, fake: FakeJenkins, repository: Path):
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    remove_shop(repository)
    assert "team/shop: disabled" in run(*PRUNE)[1]
    shop = fake.item("team/shop")
    shop.config = shop.config.replace("<disabled>true", "<disabled>false")

    code, output = run(*PRUNE, "--days", "0")

    assert code == 0
    assert "and somebody enabled it again" in output
    assert "shop" in fake.item("team").children


def test_a_job_that_somebody_changed_is_not_deleted(run: Run, fake: FakeJenkins, repository: Path):
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    remove_shop(repository)
    run(*PRUNE)
    shop = fake.item("team/shop")
    shop.config = shop.config.replace("pipelines/shop.Jenkinsfile", "theirs/Jenkinsfile")

    assert "was changed since jenkinsgen wrote it" in run(*PRUNE, "--days", "0")[1]
    assert "shop" in fake.item("team").children


def test_a_job_that_was_built_lately_waits(run: Run, fake: FakeJenkins, repository: Path):
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    assert run("jobs", "run", "team/shop", "--follow")[0] == 0
    remove_shop(repository)
    run(*PRUNE)
    backdate(fake, "team/shop")

    output = run(*PRUNE, "--days", "1")[1]

    assert "- team/shop: disabled; delete it from " in output
    assert "shop" in fake.item("team").children


def backdate(fake: FakeJenkins, name: str) -> None:
    """Make a job that prune put aside look as if that was long ago."""
    item = fake.item(name)
    description = read_job(name, item.config).job.description
    text, marker = split_marker(description)
    assert marker is not None
    old = with_marker(text, put_aside(marker, name, on=LONG_AGO, was_disabled=False))
    item.config = item.config.replace(escape(description), escape(old))


@pytest.mark.parametrize("marker", ["[managed by jenkinsgen x]", "[managed by jenkinsgen quarantined=yesterday]"])
def test_a_broken_marker_is_one_jobs_problem(
    run: Run, fake: FakeJenkins, settings: JenkinsSettings, repository: Path, marker: str
):
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    JenkinsServer(settings).create("broken", f"<flow-definition><description>{marker}</description></flow-definition>")
    shop = fake.item("team/shop")
    shop.config = shop.config.replace(" base=", " quarantined=not-a-day base=")
    Path("pipelines/cart.yaml").unlink()

    code, output = run(*PRUNE)

    assert code == 0, output
    assert "- broken: left alone: has a marker that cannot be read\n" in output
    assert "- team/shop: left alone: has a marker that cannot be read\n" in output
    assert "team/cart: disabled" in output
    assert "has a marker that cannot be read" in run("jobs", "list")[1]
    assert "? team/shop: exists, not managed (has a marker that cannot be read)" in run("jobs", "plan")[1]


def test_a_copy_of_a_job_is_left_alone_and_never_taken_for_ours(
    run: Run, fake: FakeJenkins, settings: JenkinsSettings, repository: Path
):
    """Jenkins copies the description with the job, and so the marker."""
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    JenkinsServer(settings).create("team/shop of a person", fake.item("team/shop").config)

    assert "team/shop of a person: left alone: has a marker that was written for another job" in run(*PRUNE)[1]
    Path("pipelines/shop.yaml").write_text(SPEC.format(name="shop").replace("team/shop", "team/shop of a person"))
    code, output = run("jobs", "apply", "--yes", "pipelines/shop.yaml")
    assert code == 1
    assert "exists, not managed (has a marker that was written for another job, or changed by hand)" in output


def test_a_job_whose_name_differs_in_case_at_the_root_is_the_one_that_the_spec_asks_for(
    run: Run, fake: FakeJenkins, repository: Path
):
    spec = Path("pipelines/shop.yaml")
    spec.write_text(SPEC.format(name="shop").replace("team/shop", "RootShop"))
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    spec.write_text(spec.read_text().replace("RootShop", "ROOTSHOP"))

    assert run("jobs", "plan") == (0, "2 jobs: 2 unchanged\n")
    assert run(*PRUNE) == (0, "no job to prune\n")
    assert not fake.item("RootShop").disabled


def test_a_job_whose_name_differs_in_case_in_a_folder_is_another(run: Run, fake: FakeJenkins, repository: Path):
    commit_and_fetch(repository)
    run("jobs", "apply", "--yes")
    spec = Path("pipelines/shop.yaml")
    spec.write_text(spec.read_text().replace("team/shop", "team/Shop"))

    assert "team/Shop: created, proven" in run("jobs", "apply", "--yes")[1]
    assert "team/shop: disabled" in run(*PRUNE)[1]
    assert not fake.item("team/Shop").disabled


def test_two_specs_cannot_share_a_job_by_case(run: Run):
    for name, job in (("shop", "Shop"), ("cart", "shop")):
        Path(f"pipelines/{name}.yaml").write_text(SPEC.format(name=name).replace(f"team/{name}", job))

    code, output = run("jobs", "plan")

    assert code == 1
    assert "job.name: pipelines/cart.yaml asks for shop too" in output


def test_a_multibranch_job_whose_branch_deploys_is_left_alone(run: Run, fake: FakeJenkins, repository: Path):
    spec = Path("pipelines/shop.yaml")
    spec.write_text(SPEC.format(name="shop").replace("job:\n", "job:\n  kind: multibranch\n"))
    commit_and_fetch(repository)
    fake.branches = ("main",)
    fake.outcomes = {"team/shop/main": None}
    run("jobs", "apply", "--yes")
    remove_shop(repository)

    assert "team/shop: a build runs or waits" in run(*PRUNE)[1]
    assert not fake.item("team/shop").disabled


def test_a_clone_that_is_shallow_deletes_nothing(repository: Path, tmp_path: Path):
    commit_and_fetch(repository)
    remove_shop(repository)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{repository}", str(clone)], check=True)

    why = History(folder=clone).unasked("pipelines/shop.yaml", "team/shop")

    assert (why.since, why.reason) == (None, "this clone has not the whole history: git fetch --unshallow")


@pytest.mark.parametrize(
    "spec", ["--output=/tmp/x", ":(glob)**", "../outside.yaml", "a\0b", "\ud800", "", "pipelines", "x" * 5000]
)
def test_no_path_of_a_marker_is_more_than_a_name_to_git(repository: Path, spec: str):
    commit_and_fetch(repository)

    assert History(folder=repository).unasked(spec, "team/shop").since is None


def test_history_knows_since_when_no_spec_asks(repository: Path):
    commit_and_fetch(repository)
    history = History(folder=repository / "pipelines")
    assert "still asks for it" in history.unasked("pipelines/shop.yaml", "team/shop").reason
    git = ["git", "-C", str(repository), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for days, text in ((30, SPEC.format(name="renamed")), (10, None)):
        if text is None:
            Path("pipelines/shop.yaml").unlink()
        else:
            Path("pipelines/shop.yaml").write_text(text)
        when = f"{LONG_AGO + timedelta(days=400 - days)}T12:00:00+00:00"
        subprocess.run(
            [*git, "commit", "--quiet", "-am", "x"],
            check=True,
            env={"GIT_COMMITTER_DATE": when, "PATH": "/usr/bin:/bin"},
        )

    assert history.unasked("pipelines/shop.yaml", "team/shop").since == LONG_AGO + timedelta(days=370)
    assert history.unasked("pipelines/shop.yaml", "team/renamed").since == LONG_AGO + timedelta(days=390)
    assert history.unasked("pipelines/shop.yaml", "team/never").since is None
