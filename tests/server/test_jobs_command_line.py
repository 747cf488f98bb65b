"""The commands as a person or a build calls them, on a repository with two specs."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jobs_repository import SPEC, commit_and_fetch

from jenkinsgen.cli import INTERRUPTED, jobs
from jenkinsgen.edge.git_history import History
from jenkinsgen.edge.jenkins.server import JenkinsServer
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jenkinsfile.render.rollback import VERSION
from jenkinsgen.jenkinsfile.render.write import write_jenkinsfiles
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.model import (
    Concurrency,
    InlineScript,
    Multibranch,
    Remote,
    ScriptFromGit,
    StringParameter,
    Triggers,
)
from jenkinsgen.jobs.prune import Fate, Pruning, Scope
from jenkinsgen.stages.jobs.apply import plan_jobs
from jenkinsgen.stages.jobs.prune import prune_job
from jenkinsgen.stages.jobs.wanted import load_specs, wanted_jobs

if TYPE_CHECKING:
    from fake_jenkins import FakeJenkins
    from jobs_repository import Run

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings


def test_plan_apply_plan(run: Run, fake: FakeJenkins):
    assert run("jobs", "plan")[0] == 2
    code, output = run("jobs", "apply", "--yes")
    assert code == 0, output
    assert output.splitlines()[-4:] == [
        "team: folder created",
        "team/cart: created, proven",
        "team/shop: created, proven",
        "2 jobs: 2 created",
    ]
    assert run("jobs", "plan") == (0, "2 jobs: 2 unchanged\n")
    assert "definition/script path" not in run("jobs", "plan")[1]
    assert fake.item("team/shop").disabled is False


def test_job_and_jenkinsfile_of_one_spec_agree(run: Run, fake: FakeJenkins, settings: JenkinsSettings):
    """After a build has written all that the Jenkinsfile declares into the job, there is nothing to change."""
    run("jobs", "apply", "--yes")
    fake.repository = {
        f"pipelines/{name}.Jenkinsfile": Path(f"pipelines/{name}.Jenkinsfile").read_text() for name in ("shop", "cart")
    }
    for _ in range(2):
        assert run("jobs", "run", "team/shop", "--follow")[0] == 0

    plans = plan_jobs(settings, wanted_jobs(load_specs([Path("pipelines")])))

    assert [(plan.changes, plan.kept) for plan in plans] == [((), frozenset())] * 2
    assert "<string>TAG</string>" in fake.item("team/shop").config  # the tracker of Declarative saw it


@pytest.fixture
def three_kinds(repository: Path) -> list[Path]:
    """A spec for each kind of job: team/shop, team/inline, team/multibranch."""
    paths = [repository / "pipelines" / "shop.yaml"]
    for kind in ("inline", "multibranch"):
        path = repository / "pipelines" / f"{kind}.yaml"
        path.write_text(SPEC.format(name=kind).replace("job:\n", f"job:\n  kind: {kind}\n"))
        write_jenkinsfiles(path)
        paths.append(path)
    return paths


def test_every_kind_of_job_is_created_proven_and_then_unchanged(
    run: Run, fake: FakeJenkins, settings: JenkinsSettings, three_kinds: list[Path]
):
    paths = tuple(map(str, three_kinds))

    code, output = run("jobs", "apply", "--yes", *paths)

    assert code == 0, output
    assert output.splitlines()[-5:] == [
        "team: folder created",
        "team/shop: created, proven",
        "team/inline: created, proven",
        "team/multibranch: created, proven",
        "3 jobs: 3 created",
    ]
    assert run("jobs", "plan", *paths) == (0, "3 jobs: 3 unchanged\n")
    # The inline job brings its own Jenkinsfile, and what that declares is what the job has.
    assert run("jobs", "run", "team/inline", "--follow")[0] == 0
    plans = plan_jobs(settings, wanted_jobs(load_specs(three_kinds)))
    assert {(plan.changes, plan.kept) for plan in plans} == {((), frozenset())}
    assert "<string>TAG</string>" in fake.item("team/inline").config


def test_plan_and_apply_say_what_jenkins_then_deploys_by_itself(run: Run, fake: FakeJenkins, three_kinds: list[Path]):
    """A multibranch job is indexed and built as soon as it is written (measured on 2.504.3)."""
    fake.branches = ("main", "experiment")
    spec = str(three_kinds[2])
    words = "    attention: Jenkins then scans the repository at once and builds main: this deploys\n"

    assert words in run("jobs", "plan", spec)[1]
    consequence = json.loads(run("jobs", "plan", "--format", "json", spec)[1])["jobs"][0]["consequence"]
    assert consequence == words.strip().removeprefix("attention: ")
    code, output = run("jobs", "apply", spec, answer="y\n")
    assert code == 0
    assert words in output
    assert "Write 1 of these jobs to " in output
    assert "(1 of them then deploy by themselves)?" in output
    time.sleep(2 * fake.quiet_period)
    fake.advance()
    assert [len(fake.item(f"team/multibranch/{name}").builds) for name in ("main",)] == [1]
    assert "experiment" not in fake.item("team/multibranch").children
    # An update is another scan.
    text = three_kinds[2].read_text()
    three_kinds[2].write_text(text.replace('description: "Deploys', 'description: "Ships'))
    assert "builds main if it has a commit that was not built yet: this deploys" in run("jobs", "plan", spec)[1]


def test_a_job_that_waits_for_its_triggers_is_not_said_to_deploy(run: Run):
    spec = Path("pipelines/shop.yaml")
    spec.write_text(spec.read_text().replace(', poll: "H/5 * * * *"', ""))

    code, output = run("jobs", "apply", str(spec), answer="n\n")

    assert code == 1
    assert "attention" not in output
    assert "by themselves" not in output


def test_preflight_of_two_specs_for_one_job(run: Run):
    Path("pipelines/copy.yaml").write_text(SPEC.format(name="shop"))

    code, output = run("preflight")

    assert (code, "asks for team/shop too" in output) == (3, True)


def test_what_jenkins_has_of_each_kind(run: Run, fake: FakeJenkins, three_kinds: list[Path]):
    run("jobs", "apply", "--yes", *map(str, three_kinds))
    found = {
        name: read_job(f"team/{name}", fake.item(f"team/{name}").config).job
        for name in ("shop", "inline", "multibranch")
    }

    assert isinstance(found["shop"].definition, ScriptFromGit)
    assert found["inline"].definition == InlineScript(script=Path("pipelines/inline.Jenkinsfile").read_text())
    assert found["inline"].triggers == found["shop"].triggers
    assert found["inline"].parameters == found["shop"].parameters
    assert found["multibranch"].definition == Multibranch(
        source_id="01687675-3332-51d5-8058-c85c82eaa6a0",
        remote=Remote(url="https://git.test/shop.git", credentials_id="git-login"),
        script_path="pipelines/multibranch.Jenkinsfile",
        include="main",
    )
    assert (found["multibranch"].parameters, found["multibranch"].discarder) == ((), None)


@pytest.fixture
def with_rollbacks(three_kinds: list[Path]) -> list[Path]:
    """The same, and each has a job that rolls back."""
    for path in three_kinds:
        path.write_text(path.read_text().replace("  keep:", f"  rollback: team/{path.stem}-back\n  keep:"))
        write_jenkinsfiles(path)
    return three_kinds


def test_each_kind_of_job_gets_a_button_that_is_a_plain_job(
    run: Run, fake: FakeJenkins, settings: JenkinsSettings, with_rollbacks: list[Path]
):
    paths = tuple(map(str, with_rollbacks))
    names = [path.stem for path in with_rollbacks]

    code, output = run("jobs", "apply", "--yes", *paths)

    assert code == 0, output
    assert output.splitlines()[-7:] == [
        *(line for name in names for line in (f"team/{name}: created, proven", f"team/{name}-back: created, proven")),
        "6 jobs: 6 created",
    ]
    assert run("jobs", "plan", *paths) == (0, "6 jobs: 6 unchanged\n")
    found = {name: read_job(f"team/{name}-back", fake.item(f"team/{name}-back").config).job for name in names}
    for name, job in found.items():
        version = StringParameter(name="VERSION", description=VERSION.description)
        assert (job.parameters, job.triggers) == ((version,), Triggers())
        assert (job.discarder.builds, job.concurrency) == (7, Concurrency.QUEUED)
        assert job.description.startswith(f"Rolls back what team/{name} deployed.")
        text = Path(f"pipelines/{name}.rollback.Jenkinsfile").read_text()
        if name == "inline":
            assert job.definition == InlineScript(script=text)
        else:
            assert job.definition == ScriptFromGit(
                remotes=(Remote(url="https://git.test/shop.git", credentials_id="git-login"),),
                branches=("*/main",),
                script_path=f"pipelines/{name}.rollback.Jenkinsfile",
            )
    # What the Jenkinsfile declares in a build is what the job has.
    fake.repository = {str(path): path.read_text() for path in Path("pipelines").glob("*.Jenkinsfile")}
    for name in names:
        assert run("jobs", "run", f"team/{name}-back", "--follow")[0] == 0
    plans = plan_jobs(settings, wanted_jobs(load_specs(with_rollbacks)))
    assert {(plan.changes, plan.kept) for plan in plans} == {((), frozenset())}


def test_a_button_that_no_spec_asks_for_any_more_is_pruned(run: Run, fake: FakeJenkins, with_rollbacks: list[Path]):
    run("jobs", "apply", "--yes")
    spec = with_rollbacks[0]
    spec.write_text(spec.read_text().replace("  rollback: team/shop-back\n", ""))

    code, output = run("jobs", "prune", "--yes")

    assert (code, output.splitlines()[-1]) == (0, "team/shop-back: disabled")
    assert fake.item("team/shop-back").disabled
    assert not fake.item("team/shop").disabled


def test_two_specs_cannot_share_a_button(run: Run, with_rollbacks: list[Path]):
    cart = Path("pipelines/cart.yaml")
    cart.write_text(cart.read_text().replace("  keep:", "  rollback: team/shop\n  keep:"))

    code, output = run("jobs", "plan", str(cart), str(with_rollbacks[0]))

    assert code == 1
    assert "job.name: pipelines/cart.yaml asks for team/shop too" in output
    code, output = run("jobs", "plan", str(with_rollbacks[0]), str(cart))
    assert "pipelines/cart.yaml:4:13: job.rollback: pipelines/shop.yaml asks for team/shop too" in output


def test_preflight_looks_at_the_button_as_well(run: Run, with_rollbacks: list[Path]):
    said = run("preflight", str(with_rollbacks[0]))[1]

    for name in ("pipelines/shop.Jenkinsfile", "pipelines/shop.rollback.Jenkinsfile"):
        assert f"ok          the server's linter on {name}\n" in said
        assert f"cannot tell {name} in origin/main" in said


def test_a_pipeline_becomes_an_inline_one_but_no_multibranch(run: Run, three_kinds: list[Path]):
    spec, text = three_kinds[0], three_kinds[0].read_text()
    run("jobs", "apply", "--yes", str(spec))

    spec.write_text(text.replace("job:\n", "job:\n  kind: inline\n"))
    assert "team/shop: updated, proven" in run("jobs", "apply", "--yes", str(spec))[1]
    assert run("jobs", "plan", str(spec))[0] == 0
    spec.write_text(text)
    assert "team/shop: updated, proven" in run("jobs", "apply", "--yes", str(spec))[1]

    spec.write_text(text.replace("job:\n", "job:\n  kind: multibranch\n"))
    assert "a multibranch pipeline cannot be made of it" in run("jobs", "plan", str(spec))[1]


def test_a_change_of_the_spec_is_a_change_of_the_inline_job(run: Run, three_kinds: list[Path]):
    spec = three_kinds[1]
    run("jobs", "apply", "--yes", str(spec))
    spec.write_text(spec.read_text().replace("path: /health", "path: /ready") + "timeouts: {deploy: 7m}\n")

    code, output = run("jobs", "plan", str(spec))

    assert code == 2
    assert "-            options { timeout(time: 1800, unit: 'SECONDS') }" in output
    assert "+            options { timeout(time: 420, unit: 'SECONDS') }" in output


def test_preflight_of_an_inline_job_looks_for_no_file(run: Run, three_kinds: list[Path]):
    said = run("preflight", *map(str, three_kinds))[1].split("team/")[1:]

    assert ["in origin/main" in each for each in said] == [True, False, True]
    assert ["plugin workflow-multibranch" in each for each in said] == [False, False, True]


def test_a_plan_for_a_pull_request_and_for_a_program(run: Run):
    run("jobs", "apply", "--yes", "--only", "team/s*")
    spec = Path("pipelines/shop.yaml")
    spec.write_text(spec.read_text().replace("builds: 7", "builds: 9"))

    code, markdown = run("jobs", "plan", "--format", "markdown")
    assert code == 2
    assert "~ team/shop: update\n    discarder/builds: 7 -> 9\n" in markdown
    jobs = json.loads(run("jobs", "plan", "--format", "json", "pipelines/shop.yaml")[1])["jobs"]
    assert [(job["verdict"], job["changes"][0]["new"]) for job in jobs] == [("update", 9)]


def test_dry_run_writes_nothing(run: Run, fake: FakeJenkins):
    assert run("jobs", "apply", "--dry-run")[0] == 2
    assert {method for method, _ in fake.asked} == {"GET"}


def test_without_a_person_and_without_yes_nothing_is_written(run: Run, fake: FakeJenkins):
    code, output = run("jobs", "apply")

    assert code == 1
    assert "nobody is here to answer" in output
    assert {method for method, _ in fake.asked} == {"GET"}


@pytest.mark.parametrize(("answer", "code", "methods"), [("y\n", 0, {"GET", "POST"}), ("n\n", 1, {"GET"})])
def test_a_person_is_asked(run: Run, fake: FakeJenkins, answer: str, code: int, methods: set[str]):
    assert run("jobs", "apply", answer=answer)[0] == code
    assert {method for method, _ in fake.asked} == methods


@pytest.mark.parametrize(("answer", "stopped"), [("y\n", True), ("n\n", False), (None, False)])
def test_ctrl_c_asks_whether_to_stop_the_build(
    run: Run, fake: FakeJenkins, monkeypatch: pytest.MonkeyPatch, answer: str | None, stopped: bool
):
    run("jobs", "apply", "--yes")
    fake.outcomes = {"team/shop": None}

    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "follow", interrupted)

    # click turns the KeyboardInterrupt into its own Abort; both end with 130.
    assert run("jobs", "run", "team/shop", "--follow", answer=answer)[0] == INTERRUPTED
    assert fake.item("team/shop").builds[0].stopped is stopped


def test_a_job_of_others_needs_take_over(run: Run, fake: FakeJenkins):
    run("jobs", "apply", "--yes")
    shop = fake.item("team/shop")
    shop.config = shop.config.replace("owner=git.test/shop", "owner=git.test/other")

    assert run("jobs", "plan")[0] == 1
    code, output = run("jobs", "apply", "--yes")
    assert code == 1
    assert (
        "team/shop: left as it is (owned by somebody else: belongs to pipelines/shop.yaml of git.test/other)" in output
    )
    assert run("jobs", "apply", "--yes", "--take-over")[0] == 0
    assert run("jobs", "plan")[0] == 0


def test_two_specs_for_one_job(run: Run):
    Path("pipelines/copy.yaml").write_text(SPEC.format(name="shop"))

    code, output = run("jobs", "plan")

    assert code == 1
    assert "pipelines/shop.yaml:2:9: job.name: pipelines/copy.yaml asks for team/shop too" in output


@pytest.mark.parametrize(("command", "expected"), [("jobs plan", 1), ("jobs apply --yes", 3), ("preflight", 3)])
def test_two_specs_that_would_replace_each_other_s_releases(run: Run, fake: FakeJenkins, command: str, expected: int):
    """An inline job goes to the server past `render`, which refuses such specs."""
    path = Path("pipelines/other.yaml")
    text = SPEC.format(name="shop").replace("team/shop", "team/other").replace("job:\n", "job:\n  kind: inline\n")
    path.write_text(text)

    code, output = run(*command.split())

    assert code == expected
    assert "service.name: pipelines/other.yaml:" in output
    assert "they would replace each other's releases" in output
    assert fake.asked == []


def test_only_must_match(run: Run):
    code, output = run("jobs", "plan", "--only", "nothing*")

    assert code == 1
    assert "the specs ask for team/cart, team/shop" in output


def test_a_wrong_spec_stops_prune(run: Run, fake: FakeJenkins):
    run("jobs", "apply", "--yes")
    Path("pipelines/shop.yaml").write_text("job: {}\n")

    assert run("jobs", "prune", "--yes", "--max-percent", "100")[0] == 3
    assert not fake.item("team/shop").disabled


def test_prune(run: Run, fake: FakeJenkins, repository: Path):
    run("jobs", "apply", "--yes")
    commit_and_fetch(repository)
    Path("pipelines/shop.yaml").unlink()
    commit_and_fetch(repository)

    code, output = run("jobs", "prune", "--yes")
    assert code == 1
    assert "1 of the 2 jobs of git.test/shop would go, more than 20 %: team/shop" in output
    code, output = run("jobs", "prune", "--yes", "--max-percent", "50")
    assert code == 0
    assert "team/shop: disabled\n" in output
    assert fake.item("team/shop").disabled
    assert "team/shop: deleted" in run("jobs", "prune", "--yes", "--max-percent", "50", "--days", "0")[1]
    assert list(fake.item("team").children) == ["cart"]


def test_prune_does_not_touch_a_job_that_builds(run: Run, fake: FakeJenkins):
    run("jobs", "apply", "--yes")
    Path("pipelines/shop.yaml").unlink()
    fake.outcomes = {"team/shop": None}
    run("jobs", "run", "team/shop")

    assert "a build runs or waits" in run("jobs", "prune", "--yes", "--max-percent", "50")[1]
    assert not fake.item("team/shop").disabled


def test_prune_of_one_spec_is_refused(run: Run):
    code, output = run("jobs", "prune", "pipelines/shop.yaml")

    assert code == 1
    assert "prune needs folders" in output


@pytest.mark.parametrize(("result", "code"), [("SUCCESS", 0), ("FAILURE", 10), ("UNSTABLE", 11)])
def test_run_follows_the_log_and_ends_with_the_result(run: Run, fake: FakeJenkins, result: str, code: int):
    run("jobs", "apply", "--yes")
    fake.build_result = result
    fake.build_log = "".join(f"line {index} ü\n" for index in range(50))

    ended, output = run("jobs", "run", "team/shop", "--follow", "-p", "TAG=v1 & more", "-p", "DRY_RUN=false")

    assert ended == code
    log = [line for line in output.splitlines() if line.startswith("line ")]
    assert log == fake.build_log.splitlines()
    assert output.count("stage Deploy: ") == 1
    assert fake.item("team/shop").builds[0].parameters == {"TAG": "v1 & more", "DRY_RUN": "false"}
    # Never in an address, where proxies and logs would see it.
    assert not any("v1" in path for _, path in fake.asked)


def test_run_without_the_stage_view_plugin(run: Run, fake: FakeJenkins):
    run("jobs", "apply", "--yes")
    fake.has_stage_view = False

    code, output = run("jobs", "run", "team/shop", "--follow")

    assert code == 0
    assert "stage " not in output


def test_run_knows_the_parameters(run: Run):
    run("jobs", "apply", "--yes")

    code, output = run("jobs", "run", "team/shop", "-p", "TAGS=v1")

    assert code == 9
    assert "team/shop: has no parameter TAGS\nhint: it has TAG, DRY_RUN, TARGET" in output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["jobs", "run", "team/none"], "not found, or user admin may not see it"),
        (["jobs", "show", "team/none"], "there is no such job"),
    ],
)
def test_no_such_job(run: Run, arguments: list[str], words: str):
    code, output = run(*arguments)

    assert code == 9
    assert words in output


def test_run_of_a_disabled_job(run: Run, fake: FakeJenkins):
    run("jobs", "apply", "--yes")
    fake.item("team/shop").config = fake.item("team/shop").config.replace("<disabled>false", "<disabled>true")

    code, output = run("jobs", "run", "team/shop")

    assert (code, "(HTTP 409)" in output) == (9, True)


def test_list_and_show(run: Run):
    run("jobs", "apply", "--yes")

    assert [line.split()[:3] for line in run("jobs", "list")[1].splitlines()] == [
        ["job", "spec", "repository"],
        ["team/cart", "pipelines/cart.yaml", "git.test/shop"],
        ["team/shop", "pipelines/shop.yaml", "git.test/shop"],
    ]
    shown = run("jobs", "show", "team/shop")[1].splitlines()
    assert "    owned by: pipelines/shop.yaml of git.test/shop" in shown
    assert "    discarder/builds: 7" in shown


def test_preflight(run: Run, fake: FakeJenkins):
    fake.root.credentials = {
        "git-login": {"description": "", "typeName": "Username with password"},
        "registry": {"description": "", "typeName": "Secret text"},
        "api-key": {"description": "", "typeName": "Vault token"},
    }
    fake.absent = frozenset({"git"})

    code, output = run("preflight", "pipelines/shop.yaml")

    assert code == 1
    lines = [line.strip() for line in output.splitlines()]
    assert "ok          credential git-login: Username with password, in the system store" in lines
    assert "unfit       credential registry: is a 'Secret text', needed is 'Username with password'" in lines
    assert "unfit       credential deploy-key: create it as 'SSH Username with private key'" in lines
    assert "cannot tell credential api-key: is a 'Vault token', needed is 'Secret text'" in lines
    assert "unfit       plugin git: install it, or enable it" in lines
    assert "ok          agent any: 1 of the nodes" in lines
    assert "ok          the server's linter on pipelines/shop.Jenkinsfile" in lines
    assert any(line.startswith("cannot tell pipelines/shop.Jenkinsfile in origin/main") for line in lines)


def test_what_may_not_be_seen_is_not_missing(run: Run, fake: FakeJenkins):
    fake.may_see_credentials = fake.may_see_plugins = False

    code, output = run("preflight", "pipelines/shop.yaml")

    assert code == 0, output
    assert "cannot tell plugins: needs the permission Overall/SystemRead" in output
    assert "cannot tell credential deploy-key: may not see all credentials of the system store" in output


def test_preflight_looks_for_the_jenkinsfile_in_the_branch(run: Run, repository: Path):
    commit_and_fetch(repository)
    assert "    ok          pipelines/shop.Jenkinsfile in origin/main\n" in run("preflight", "pipelines/shop.yaml")[1]

    Path("pipelines/shop.Jenkinsfile").unlink()
    commit_and_fetch(repository)
    assert "unfit       pipelines/shop.Jenkinsfile in origin/main" in run("preflight", "pipelines/shop.yaml")[1]


def test_a_folder_that_cannot_be_made_fails_only_its_own_jobs(run: Run, fake: FakeJenkins, settings: JenkinsSettings):
    JenkinsServer(settings).create("team", "<flow-definition/>")
    Path("pipelines/cart.yaml").write_text(SPEC.format(name="cart").replace("team/cart", "team/deep/cart"))
    Path("pipelines/free.yaml").write_text(SPEC.format(name="free").replace("team/free", "free"))

    code, output = run("jobs", "apply", "--yes")

    assert code == 1
    assert "free: created, proven" in output
    assert output.count("folder team: a job of that name is there") == 2
    assert set(fake.root.children) == {"team", "free"}


def test_prune_looks_again_before_it_acts(run: Run, fake: FakeJenkins, settings: JenkinsSettings):
    run("jobs", "apply", "--yes")
    scope = Scope(owner="git.test/shop", folders=("pipelines",), wanted=frozenset({"team/cart"}))
    today = date(2026, 11, 23)
    pruning = Pruning(name="team/shop", fate=Fate.DELETE, until=today)

    with pytest.raises(JenkinsError, match="came back from its quarantine"):
        prune_job(settings, scope, History(folder=Path()), pruning, today=today)
    fake.item("team/shop").config = fake.item("team/shop").config.replace("owner=git.test/shop", "owner=git.test/x")
    with pytest.raises(JenkinsError, match="no longer ours"):
        prune_job(settings, scope, History(folder=Path()), pruning, today=today)
    assert "shop" in fake.item("team").children


def test_lint_asks_the_server_as_well(run: Run):
    Path("Jenkinsfile").write_text("node { sh 'make' }\n")

    code, output = run("lint", "--server", "--format", "json", "Jenkinsfile")

    assert code == 1
    assert [found["rule"] for found in json.loads(output)].count("server") == 1
