# ruff: noqa: INP001 - a program, not a package
"""How long rendering takes, beside Jenkins Job Builder on equivalent jobs, in one run.

    python benchmarks/render.py [COUNT]

Each of COUNT services (1,000) has a small YAML file of its own: a spec for jenkinsgen, a project for Jenkins Job
Builder, whose job template includes the very pipeline that jenkinsgen renders, with the same values filled in by
Jinja. Job Builder gets a virtual environment of its own in the user's cache. The exit code is 1 when a limit of
jenkinsgen is missed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path

JOB_BUILDER = "jenkins-job-builder==6.5.0"
RENDER_LIMIT, VERSION_LIMIT = 5.0, 0.120
VERSION_RUNS = 10
ROOT = Path(__file__).resolve().parent.parent

SPEC = """\
job: {{name: {name}}}
source: {{repository: https://git.example.com/{name}.git, branch: {branch}}}
build: {{command: {command}}}
image: {{repository: registry.example.com/{name}, credential: {registry}}}
service:
  name: {name}
  ports: {{green: {green}, blue: {blue}}}
  container_port: 8080
  health: {{path: /health}}
  secrets: {{DB_PASSWORD: {secret}}}
servers: [deploy@192.0.2.11, deploy@192.0.2.12]
ssh: {{credential: {key}}}
nginx: {{host: deploy@192.0.2.10, server_name: {name}.example.com}}
"""
PROJECT = """\
- project:
    name: {name}
    branch: {branch}
    command: {command}
    registry: {registry}
    secret: {secret}
    key: {key}
    jobs: ['{{name}}']
"""
JOB_TEMPLATE = """\
- job-template:
    name: '{name}'
    project-type: pipeline
    sandbox: true
    dsl: !include-jinja2: pipeline.j2
"""


@dataclass(frozen=True)
class Took:
    """Seconds of one call."""

    wall: float
    cpu: float


def values(name: str) -> dict[str, str]:
    return {
        "name": name,
        "branch": f"release/{name}",
        "command": f"make {name}",
        "registry": f"registry-{name}",
        "secret": f"secret-{name}",
        "key": f"key-{name}",
    }


def call(folder: Path, *command: str | Path) -> Took:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(time.monotonic() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def jenkinsgen(folder: Path, *words: str) -> Took:
    return call(folder, sys.executable, "-m", "jenkinsgen", *words)


def write_specs(folder: Path, count: int) -> None:
    pipelines = folder / "pipelines"
    pipelines.mkdir()
    for number in range(count):
        name = f"shop-{number}"
        # All on the same two servers, so each has ports of its own.
        ports = {"green": 10_000 + 2 * number, "blue": 10_001 + 2 * number}
        (pipelines / f"{name}.yaml").write_text(SPEC.format(**values(name), **ports), encoding="utf-8")


def write_projects(folder: Path, specs: Path, count: int) -> None:
    """Job Builder's input; its pipeline is the Jenkinsfile of the first spec, with that one's values as variables."""
    folder.mkdir()
    text = (specs / "pipelines/shop-0.Jenkinsfile").read_text(encoding="utf-8")
    # The longest first: the name is part of the others.
    for variable, value in sorted(values("shop-0").items(), key=lambda pair: -len(pair[1])):
        text = text.replace(value, f"{{{{ {variable} }}}}")
    (folder / "pipeline.j2").write_text(text, encoding="utf-8")
    (folder / "template.yaml").write_text(JOB_TEMPLATE, encoding="utf-8")
    for number in range(count):
        name = f"shop-{number}"
        (folder / f"{name}.yaml").write_text(PROJECT.format(**values(name)), encoding="utf-8")


def job_builder() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "jenkinsgen" / JOB_BUILDER.replace("==", "-")
    program = folder / "bin" / "jenkins-jobs"
    if not program.exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", JOB_BUILDER, "setuptools<81"]
        subprocess.run(pip, check=True)
    return program


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    other = job_builder()
    with tempfile.TemporaryDirectory() as name:
        folder, projects, made = Path(name), Path(name) / "projects", Path(name) / "made"
        write_specs(folder, count)
        rendered = jenkinsgen(folder, "render")
        checked = jenkinsgen(folder, "render", "--check")
        write_projects(projects, folder, count)
        tested = call(projects, other, "test", "--config-xml", "-o", made, projects)
        compare(folder / "pipelines", made, count)
        version = min((jenkinsgen(folder, "--version") for _ in range(VERSION_RUNS)), key=lambda took: took.cpu)
    rows = {
        f"jenkinsgen render, {count:,} specs": rendered,
        f"jenkinsgen render --check, {count:,} specs": checked,
        f"jenkins-jobs test, {count:,} jobs ({JOB_BUILDER})": tested,
        f"jenkinsgen --version, best of {VERSION_RUNS}": version,
    }
    width = max(map(len, rows))
    print(f"{'':{width}}   wall, s    CPU, s")  # noqa: T201 - a table is what this program is for
    for title, took in rows.items():
        print(f"{title:{width}}  {took.wall:8.3f}  {took.cpu:8.3f}")  # noqa: T201 - same
    return int(rendered.wall >= RENDER_LIMIT or version.cpu >= VERSION_LIMIT)


def compare(rendered: Path, made: Path, count: int) -> None:
    """Both made as many pipelines, and the last one has the same stages with the same commands."""
    jobs = list(made.glob("*/config.xml"))
    name = f"shop-{count - 1}"
    ours = (rendered / f"{name}.Jenkinsfile").read_text(encoding="utf-8").splitlines()[3:]
    theirs = (made / name / "config.xml").read_text(encoding="utf-8")
    missing = [line for line in ours if line not in theirs.replace("&amp;", "&").replace("&gt;", ">")]
    if len(jobs) != count or missing:
        sys.exit(f"not the same work: {len(jobs)} jobs of {count}; lines missing: {missing[:3]}")


if __name__ == "__main__":
    sys.exit(main())
