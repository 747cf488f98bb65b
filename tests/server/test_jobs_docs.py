"""Every transcript in docs/ is what the commands print, on the fake Jenkins."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.testing import CliRunner
from fake_jenkins import TOKEN, USER, FakeJenkins

from jenkinsgen.cli import cli
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.marker import marker_of, split_marker, with_marker

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

DOCS = Path(__file__).parents[2] / "docs"
SPEC = """\
job:
  name: team/{name}
  description: Deploys the {name}
  keep: {{builds: 30, artifacts: 5}}
  triggers: {{cron: "H 4 * * 1-5"}}
  parameters:
    - {{name: TAG, default: latest, description: image tag}}
    - {{name: TARGET, type: choice, choices: [staging, production]}}
source: {{repository: "https://git.example.org/shop.git", credential: git-login}}
image: {{repository: registry.example.org/shop, credential: registry}}
service:
  name: {name}
  ports: {{green: 8080, blue: 8081}}
  container_port: 8080
  health: {{path: /health}}
servers: [deploy@{name}1.example.org]
ssh: {{credential: deploy-key}}
nginx: {{host: deploy@lb.example.org, server_name: {name}.example.org}}
"""
LOG = """\
Started by user admin
Obtained pipelines/shop.Jenkinsfile from git https://git.example.org/shop.git
[Pipeline] Start of Pipeline
[Pipeline] End of Pipeline
"""
USERNAME_AND_PASSWORD = {"description": "", "typeName": "Username with password"}
SECRET_TEXT = {"description": "", "typeName": "Secret text"}


class Shell:
    """Runs a command and shows it as a terminal would."""

    def __init__(self, fake: FakeJenkins) -> None:
        self.fake = fake

    def __call__(self, command: str) -> str:
        with click.Context(cli).scope():
            result = CliRunner().invoke(cli, command.split()[1:], standalone_mode=False)
        output, code = result.output, result.return_value or 0
        if isinstance(result.exception, JenkinsgenError):
            output, code = f"{output}error: {result.exception}\n", result.exception.exit_code
        elif result.exception is not None:
            raise result.exception
        text = output.replace(self.fake.url, "https://jenkins.example.org")
        ending = f"$ echo $?\n{code}\n" if code else ""
        return f"$ {command}\n{text}{ending}"


def write(name: str, *changes: tuple[str, str]) -> None:
    text = SPEC.format(name=name)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path(f"pipelines/{name}.yaml").write_text(text)


def edit(fake: FakeJenkins, name: str, *changes: tuple[str, str]) -> None:
    item = fake.item(name)
    for old, new in changes:
        assert old in item.config
        item.config = item.config.replace(old, new)


def hand_over(fake: FakeJenkins, name: str, owner: str) -> None:
    """Make another repository the owner of a job, as an apply there would."""
    item = fake.item(name)
    job = read_job(name, item.config).job
    description, marker = split_marker(job.description)
    assert marker is not None
    other = marker_of(replace(job, description=description), owner=owner, spec=marker.spec, version=marker.version)
    item.config = item.config.replace(job.description, with_marker(description, other))


def transcripts(fake: FakeJenkins) -> Iterator[tuple[str, str]]:
    """A day with three jobs: page of the documentation, transcript."""
    shell = Shell(fake)
    for name in ("cart", "pay", "shop"):
        write(name)
    shell("jenkinsgen render")
    yield "jobs-plan.md", shell("jenkinsgen jobs plan")
    yield "jobs-apply.md", shell("jenkinsgen jobs apply --yes")
    yield "jobs-plan.md", shell("jenkinsgen jobs plan --only team/shop")
    fake.repository = {str(path): path.read_text() for path in Path("pipelines").glob("*.Jenkinsfile")}
    fake.build_log, fake.quiet_period = LOG, 0.5
    yield "jobs-run.md", shell("jenkinsgen jobs run team/shop -p TAG=v1.4.2 --follow")
    yield "jobs-run.md", shell("jenkinsgen jobs run team/shop -p TAGS=v1.4.2")
    edit(fake, "team/cart", ("<numToKeep>30<", "<numToKeep>2<"), ("<disabled>false", "<disabled>true"))
    hand_over(fake, "team/pay", "git.example.org/payments")
    write("shop", ("H 4 * * 1-5", "H 6 * * 1-5"), ("[staging, production]", "[staging, canary, production]"))
    yield "jobs-plan.md", shell("jenkinsgen jobs plan")
    yield "jobs-plan.md", shell("jenkinsgen jobs plan --format markdown --only team/shop")
    yield "jobs-plan.md", shell("jenkinsgen jobs plan --format json --only team/cart")
    yield "jobs-apply.md", shell("jenkinsgen jobs apply --yes")
    yield "jobs.md", shell("jenkinsgen jobs list")
    yield "jobs.md", shell("jenkinsgen jobs show team/cart")
    write("shop", ("H 4 * * 1-5", "every morning"))
    fake.absent = frozenset({"git"})
    yield "jobs-apply.md", shell("jenkinsgen jobs apply --yes --only team/shop")
    fake.absent = frozenset()
    write("shop")
    shell("jenkinsgen jobs apply --yes --take-over")
    Path("pipelines/cart.yaml").unlink()
    yield "jobs-prune.md", shell("jenkinsgen jobs prune --yes")
    yield "jobs-prune.md", shell("jenkinsgen jobs prune --yes --max-percent 40")
    yield "jobs-prune.md", shell("jenkinsgen jobs prune --yes")
    fake.root.credentials = {"git-login": USERNAME_AND_PASSWORD, "registry": SECRET_TEXT}
    yield "preflight.md", shell("jenkinsgen preflight pipelines/shop.yaml")


def comparable(text: str) -> str:
    """Without what differs from day to day: dates, seconds."""
    return re.sub(r"\d{4}-\d\d-\d\d", "DATE", re.sub(r"\(\d+\.\d s\)", "(0.1 s)", text))


def test_transcripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "pipelines").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with FakeJenkins() as fake:
        for name, value in (("URL", fake.url), ("USER", USER), ("TOKEN", TOKEN)):
            monkeypatch.setenv(f"JENKINS_{name}", value)
        shown = list(transcripts(fake))

    for page, transcript in shown:
        documented = comparable((DOCS / page).read_text()).replace("    ", "")
        # In a list a transcript is indented; its own indentation is compared elsewhere.
        assert comparable(transcript).replace("    ", "") in documented, f"docs/{page} should have:\n{transcript}"
