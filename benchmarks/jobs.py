"""200 pipeline jobs: jenkinsgen beside Jenkins Job Builder, on the same server, one run.

    python benchmarks/jobs.py --job-builder PATH/TO/jenkins-jobs

The server is the FAKE of the test suite, which answers in about a millisecond. So the seconds compare what the
two programs do themselves; the number of requests is what a real controller would feel. With JENKINS_URL,
JENKINS_USER and JENKINS_TOKEN set, both run against that server, in a folder of their own, and requests are not
counted.
"""

# ruff: noqa: INP001 - a program, not a package

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import click
from fake_jenkins import TOKEN, USER, FakeJenkins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JOBS = 200
FOLDER = "jenkinsgen-benchmark"
SPEC = """\
job: {{name: {folder}/ours/job-{index}, keep: {{builds: {keep}}}, parameters: [{{name: TAG, default: latest}}]}}
source: {{repository: "https://git.invalid/shop.git"}}
image: {{repository: registry.invalid/shop}}
service: {{name: shop, ports: {{green: 8080, blue: 8081}}, container_port: 8080, health: {{path: /health}}}}
servers: [deploy@app1.invalid]
nginx: {{host: deploy@lb.invalid, server_name: shop.invalid}}
"""
JOB_BUILDER_FOLDERS = """\
- job: {{name: {folder}, project-type: folder}}
- job: {{name: {folder}/theirs, project-type: folder}}
"""
JOB_BUILDER_JOB = """\
- job:
    name: {folder}/theirs/job-{index}
    project-type: pipeline
    concurrent: false
    pipeline-scm:
      scm: [{{git: {{url: "https://git.invalid/shop.git", branches: ["*/main"]}}}}]
      script-path: pipelines/job-{index}.Jenkinsfile
      lightweight-checkout: true
    parameters: [{{string: {{name: TAG, default: latest}}}}]
    properties:
      - build-discarder: {{num-to-keep: {keep}}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--job-builder", type=Path, help="the program jenkins-jobs, in an environment of its own")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, server() as (url, user, token, fake):
        folder = Path(name)
        environment = {**os.environ, "JENKINS_URL": url, "JENKINS_USER": user, "JENKINS_TOKEN": token, "HOME": name}
        measure_jenkinsgen(folder, environment, fake)
        if arguments.job_builder:
            measure_job_builder(folder, environment, fake, str(arguments.job_builder.absolute()))


@contextlib.contextmanager
def server() -> Iterator[tuple[str, str, str, FakeJenkins | None]]:
    """A real server where there is one, else the fake."""
    if {"JENKINS_URL", "JENKINS_USER", "JENKINS_TOKEN"} <= os.environ.keys():
        click.echo(f"server: {os.environ['JENKINS_URL']}")
        yield os.environ["JENKINS_URL"], os.environ["JENKINS_USER"], os.environ["JENKINS_TOKEN"], None
    else:
        click.echo("server: the FAKE Jenkins of the test suite")
        with FakeJenkins() as fake:
            yield fake.url, USER, TOKEN, fake


def measure_jenkinsgen(folder: Path, environment: dict[str, str], fake: FakeJenkins | None) -> None:
    subprocess.run(["git", "init", "--quiet", name := str(folder)], check=True)
    environment = {**environment, "PYTHONPATH": str(Path(__file__).parents[1])}
    (folder / "pipelines").mkdir()
    for index in range(JOBS):
        write_spec(folder, index, keep=30)

    def run(*arguments: str) -> Callable[[], None]:
        return lambda: call([sys.executable, "-m", "jenkinsgen", "jobs", *arguments], name, environment)

    timed("jenkinsgen: create all, prove all", run("apply", "--yes"), fake)
    timed("jenkinsgen: nothing changed, all looked at", run("apply", "--yes"), fake)
    write_spec(folder, 0, keep=31)
    timed("jenkinsgen: one changed", run("apply", "--yes"), fake)


def write_spec(folder: Path, index: int, *, keep: int) -> None:
    text = SPEC.format(folder=FOLDER, index=index, keep=keep)
    (folder / "pipelines" / f"job-{index}.yaml").write_text(text)


def measure_job_builder(folder: Path, environment: dict[str, str], fake: FakeJenkins | None, program: str) -> None:
    settings = folder / "jenkins_jobs.ini"
    settings.write_text(
        f"[jenkins]\nurl={environment['JENKINS_URL']}\nuser={environment['JENKINS_USER']}\n"
        f"password={environment['JENKINS_TOKEN']}\nquery_plugins_info=False\n"
    )

    def update(*options: str) -> Callable[[], None]:
        command = [program, "--conf", str(settings), *options, "update", "jobs.yaml"]
        return lambda: call(command, str(folder), environment)

    write_job_builder_jobs(folder, keep=30)
    timed("Job Builder: create all", update(), fake)
    timed("Job Builder: nothing changed, by its cache, without a look", update(), fake)
    write_job_builder_jobs(folder, keep=31)
    timed("Job Builder: one changed, by its cache", update(), fake)
    # Last: it leaves no cache behind.
    timed("Job Builder: nothing changed, cache ignored", update("--ignore-cache"), fake)


def write_job_builder_jobs(folder: Path, *, keep: int) -> None:
    jobs = [JOB_BUILDER_JOB.format(folder=FOLDER, index=index, keep=30 if index else keep) for index in range(JOBS)]
    (folder / "jobs.yaml").write_text(JOB_BUILDER_FOLDERS.format(folder=FOLDER) + "".join(jobs))


def call(command: list[str], folder: str, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def timed(what: str, work: Callable[[], None], fake: FakeJenkins | None) -> None:
    before = len(fake.asked) if fake else 0
    started = time.monotonic()
    work()
    seconds = time.monotonic() - started
    counts = Counter(method for method, _ in fake.asked[before:]) if fake else Counter[str]()
    requests = f"{counts['GET']:5} GET {counts['POST']:5} POST" if fake else ""
    click.echo(f"{what:60} {seconds:6.2f} s {requests}")


if __name__ == "__main__":
    main()
