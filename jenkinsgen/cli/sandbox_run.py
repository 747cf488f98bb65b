"""`jenkinsgen sandbox run`: a Jenkinsfile on this machine, without a Jenkins."""

from __future__ import annotations

from pathlib import Path

import click

from jenkinsgen.cli.options.pairs import read_pairs


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--workspace", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--credentials",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file: credential id -> type and values.",
)
@click.option("--build-number", type=click.IntRange(min=1), help="Default: one more than the last.")
@click.option("--job-name", default="job", show_default=True)
@click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", callback=read_pairs)
@click.option("--reject", is_flag=True, help="Say no to every `input`; it is approved otherwise.")
def run(  # noqa: PLR0917 - click hands them by name
    file: Path,
    workspace: Path,
    credentials: Path | None,
    build_number: int | None,
    job_name: str,
    parameters: dict[str, str],
    reject: bool,
) -> int:
    """Run the declarative Jenkinsfile FILE; its `sh` steps are real.

    Prints what Jenkins' console would show. Log, artifacts and build.json go to the folder WORKSPACE@builds.
    The exit code is 0 for SUCCESS and 1 for every other result.
    """
    from jenkinsgen.sandbox import jenkinsfile  # noqa: PLC0415 - `--help` does not need it

    done = jenkinsfile.run(
        jenkinsfile.BuildRequest(
            jenkinsfile=file,
            workspace=workspace,
            credentials=credentials,
            job_name=job_name,
            number=build_number,
            parameters=parameters,
            approve=not reject,
        )
    )
    return 0 if done.result == jenkinsfile.SUCCESS else 1
