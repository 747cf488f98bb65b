"""`jenkinsgen init`: a first spec, from what a folder says and a few questions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import click

from jenkinsgen.cli.output import ask, say
from jenkinsgen.errors import CheckFailed, SpecError
from jenkinsgen.jenkinsfile.render.write import FOLDER, render
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.spec.reading.schema import schema_text
from jenkinsgen.starter.first_spec import SCHEMA_FILE, Answers, copies_plain_jar, first_spec, line_of, suggested
from jenkinsgen.starter.project import KINDS, Project, look_at
from jenkinsgen.starter.questions import QUESTIONS, Question
from jenkinsgen.surroundings import here

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path())
@click.option("--kind", type=click.Choice(KINDS), help="How the project is built, where its files do not say.")
@click.option("--name", help="Of the service, of its job and of the spec.")
@click.option("--repository", help="URL of the git repository.")
@click.option("--branch", help="The branch that is deployed.")
@click.option("--image", help="Where the image is pushed, without a tag.")
@click.option("--port", "container_port", type=click.IntRange(1, 65535), help="Inside the container.")
@click.option("--health", help="A path that answers 200 when the service is healthy.")
@click.option("--server", "servers", multiple=True, help="user@host of an app server; give it once for each.")
@click.option("--nginx", help="user@host of NGINX.")
@click.option("--server-name", help="What the site is called: shop.example.com.")
@click.option("--yes", is_flag=True, help="Ask nothing: examples stand for what is not known.")
def init(folder: Path, kind: str | None, yes: bool, **given: Any) -> None:
    """Write the first spec of a project.

    Its folder is FOLDER, by default this one. Looks for Gradle, Maven, npm or Go, for a Dockerfile, and at what
    git knows. Never overwrites a file.
    """
    project = look_at(folder, kind)
    say(f"found: {_found(project)}", err=True)
    answers = _answers(project, {name: value for name, value in given.items() if value}, ask=not yes)
    path = project.root / FOLDER / f"{answers.name}.yaml"
    shown = _shown(path)
    if path.exists():
        raise click.UsageError(f"{shown} is there already, and stays; give another --name, or move it away")
    text = first_spec(project, answers)
    _write(path, text)
    say(f"wrote {shown}")
    schema = path.with_name(SCHEMA_FILE)
    if not schema.exists():
        schema.write_text(schema_text(), encoding="utf-8")
        say(f"wrote {_shown(schema)}")
    say(
        "\nNext:\n"
        + "\n".join(f"  {number}. {step}" for number, step in enumerate(_steps(project, answers, path, text), 1))
    )


def _found(project: Project) -> str:
    """The lines that say what was found, and where."""
    place = "" if project.folder == "." else f" in {project.folder}"
    kind = "no build tool" if project.kind == "docker" else f"{project.kind}{place}"
    dockerfile = str(PurePosixPath(project.context, project.dockerfile)) if project.dockerfile else "no Dockerfile"
    builds = ", which builds the program" if project.image.builds else ""
    lines = [f"{kind}; {dockerfile}{builds}; {project.repository or 'no git remote'}", *_found_of_spring(project)]
    if project.submodules:
        lines.append("submodules in .gitmodules")
    if project.others:
        lines.append(f"another build in {', '.join(project.others)}, for `jenkinsgen init {project.others[0]}`")
    return "\n       ".join(lines)


def _found_of_spring(project: Project) -> Iterator[str]:
    spring = project.spring
    if spring.actuator_in:
        yield f"{spring.health} by the actuator in {spring.actuator_in}"
    if spring.port:
        differs = project.image.port not in (None, spring.port)
        yield f"port {spring.port} in {spring.settings_in}" + f"; EXPOSE says {project.image.port}" * differs


def _answers(project: Project, given: dict[str, Any], *, ask: bool) -> Answers:
    """Each answer: the option that was given, else what the person answers, else what the project suggests."""
    answers = suggested(project)
    for question in QUESTIONS:
        suggestion = getattr(answers, question.answer)
        said = given.get(question.answer) or (_ask(question, suggestion) if ask else suggestion)
        refusal = question.refusal(said)
        if refusal:
            raise click.UsageError(f"{question.text}: {refusal}")
        if question.answer == "name":
            # Other suggestions have it in them.
            answers = suggested(replace(project, name=said))
        elif said != suggestion or question.answer in given:
            answers = replace(answers, **{question.answer: said}, examples=answers.examples - {question.answer})
    return answers


def _ask(question: Question, suggestion: Any) -> Any:
    shown = ", ".join(suggestion) if isinstance(suggestion, tuple) else suggestion
    while True:
        said = _answered(question, shown)
        if isinstance(suggestion, tuple):
            said = tuple(part.strip() for part in said.split(",") if part.strip())
        refusal = question.refusal(said)
        if refusal is None:
            return said
        say(f"  {refusal}", err=True)


def _answered(question: Question, shown: Any) -> Any:
    """Raises CheckFailed where no person can answer, as in CI."""
    try:
        return ask(question.text, shown)
    except click.Abort as error:
        if isinstance(error.__context__, EOFError):
            say("", err=True)
            raise CheckFailed(
                f"nobody is here to answer: {question.text}",
                hint="--yes takes what is suggested; the options of jenkinsgen init --help answer one question each",
            ) from None
        raise


def _write(path: Path, text: str) -> None:
    """A file that does not load is not left behind. Raises SpecError."""
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        render(load_spec(path))
    except SpecError as error:
        path.unlink()
        raise SpecError(
            error.message,
            hint="nothing was written; the message says what does not fit, an answer or a name in the project",
        ) from error


def _steps(project: Project, answers: Answers, path: Path, text: str) -> list[str]:
    shown = _shown(path)
    steps = []
    if answers.examples:
        keys = [question.key for question in QUESTIONS if question.answer in answers.examples]
        places = ", ".join(f"{key} (line {line_of(text, key)})" for key in keys)
        steps.append(f"in {shown}, replace the examples: {places}")
    if project.dockerfile is None:
        steps.append(f"write a Dockerfile whose program listens on port {answers.container_port}")
    if copies_plain_jar(project):
        steps.append("in the Gradle file, `jar { enabled = false }`: the Dockerfile's *.jar fits the -plain.jar, too")
    return [
        *steps,
        "in Jenkins, make the credentials registry-login and deploy-key, or name yours in the spec",
        f"jenkinsgen render {shown}",
        f"jenkinsgen doctor {_shown(path)} tells what a deployment would still miss",
        "commit pipelines/; jenkinsgen jobs apply makes the job on the Jenkins server",
    ]


def _shown(path: Path) -> str:
    folder = here()
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
