"""A pipeline as it is in one revision: its spec, its Jenkinsfile, and whether they belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen._version import __version__
from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.groovy.bounds import LONGEST_TEXT, TooLarge, bounded
from jenkinsgen.jenkinsfile.lint.verdict import problem, verdict_of
from jenkinsgen.jenkinsfile.render.jenkinsfile import header, inputs_digest
from jenkinsgen.jenkinsfile.render.rollback import rollback_of
from jenkinsgen.jenkinsfile.render.template_tree import STANDARD_TEMPLATE
from jenkinsgen.jenkinsfile.render.write import rollback_path, standard_template, templates_of
from jenkinsgen.jenkinsfile.review.behaviour import behaviour
from jenkinsgen.jenkinsfile.review.model import Alert, Blocker, say
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from jenkinsgen.files import Files
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue
    from jenkinsgen.jenkinsfile.review.behaviour import Behaviour
    from jenkinsgen.jenkinsfile.review.pairs import Names
    from jenkinsgen.spec.reading.load import Spec

HEADER_LINES = 3
_MOST_LINES = 20
_REMEDY = "; run: jenkinsgen render {}"


@dataclass(frozen=True, slots=True)
class Side:
    """`spec` and `behaviour` are None where there is none; a blocker says when one could not be read."""

    spec: Spec | None = None
    behaviour: Behaviour | None = None
    spec_blocker: Blocker | None = None
    jenkinsfile_blocker: Blocker | None = None
    alerts: tuple[Alert, ...] = ()


def read_side(names: Names, files: Files, catalogue: Catalogue, revision: str) -> Side:
    """Read both files of a pipeline; what is wrong with them is part of the answer.

    `revision` says which side it is, in words that end a sentence.
    """
    spec, spec_blocker = _spec(names.spec, files, revision)
    text = _text(names.jenkinsfile, files)
    found, jenkinsfile_blocker = _behaviour(names.jenkinsfile, files, catalogue, revision)
    alerts = _freshness(spec, names, text, files) if spec is not None else ()
    if spec is not None and spec.pipeline.job.rollback is not None:
        alerts += _freshness_of_rollback(spec, files)
    return Side(spec, found, spec_blocker, jenkinsfile_blocker, alerts)


def _spec(path: str | None, files: Files, revision: str) -> tuple[Spec | None, Blocker | None]:
    if path is None or not files.is_file(Path(path)):
        return None, None
    try:
        return load_spec(path, files), None
    except SpecError as error:
        return None, Blocker(say(f"the spec {{}} is broken {revision}", path), error.message)


def _content(path: str, files: Files) -> bytes | None:
    try:
        return files.read(Path(path), LONGEST_TEXT + 1)
    except FileNotFoundError:
        return None


def _text(path: str, files: Files) -> str | None:
    content = _content(path, files)
    return None if content is None else content.decode("utf-8", "replace")


def _behaviour(path: str, files: Files, catalogue: Catalogue, revision: str) -> tuple[Behaviour | None, Blocker | None]:
    content = _content(path, files)
    if content is None:
        return None, None
    _, judged = verdict_of(content, catalogue)
    problems = judged.problems
    if judged.script is not None and judged.pipeline is not None and judged.accepted:
        try:
            with bounded():
                return behaviour(judged.script, judged.pipeline, catalogue), None
        except TooLarge as error:
            problems = (problem(error),)
    lines = [f"{path}:{each.line}:{each.column}: {each.message}" for each in problems[:_MOST_LINES]]
    return None, Blocker(say(f"the Jenkinsfile {{}} cannot be read {revision}", path), "\n".join(lines))


def _freshness(spec: Spec, names: Names, text: str | None, files: Files) -> tuple[Alert, ...]:
    """Whether the Jenkinsfile is what the spec says: only then does Jenkins run what the spec's review tells."""
    if text is None:
        return (Alert("stale", "", say("there is no Jenkinsfile for this spec" + _REMEDY, spec.path)),)
    try:
        inputs = inputs_digest(spec.pipeline, templates_of(spec, files)[0])
    except SpecError as error:
        return (Alert("stale", "", say("its template cannot be read: {}", error.message)),)
    return _compared(spec, names.jenkinsfile, text, inputs)


def _freshness_of_rollback(spec: Spec, files: Files) -> tuple[Alert, ...]:
    """Whether the Jenkinsfile of `job.rollback` is what the spec says; its changes are reviewed as another pipeline."""
    path = rollback_path(spec.path).as_posix()
    text = _text(path, files)
    if text is None:
        return (Alert("stale", "", say("there is no {}" + _REMEDY, path, spec.path)),)
    inputs = inputs_digest(rollback_of(spec.pipeline), {STANDARD_TEMPLATE: standard_template()})
    return _compared(spec, path, text, inputs)


def _compared(spec: Spec, jenkinsfile: str, text: str, inputs: str) -> tuple[Alert, ...]:
    """Alerts on the first lines of a Jenkinsfile, where they differ from those rendered from these inputs."""
    lines = text.split("\n")
    body = "\n".join(lines[HEADER_LINES:])
    expected = header(spec.path.as_posix(), inputs, body).split("\n")[:HEADER_LINES]
    written = lines[:HEADER_LINES]
    if written == expected:
        return ()
    if len(written) < HEADER_LINES or not written[2].startswith("// inputs "):
        return (Alert("stale", "", say("{} was not made by jenkinsgen: the spec has no effect", jenkinsfile)),)
    if not written[0].startswith(f"// Made by jenkinsgen {__version__} "):
        about = "; whether it belongs to the spec cannot be told" + _REMEDY
        text_of = say("{} was made by another version than " + __version__ + about, jenkinsfile, spec.path)
        return (Alert("stale", "", text_of),)
    if written[2].split(" ")[2:3] == expected[2].split(" ")[2:3]:
        return (Alert("stale", "", say("{} was edited by hand" + _REMEDY, jenkinsfile, spec.path)),)
    stale = "{} does not belong to this spec (it is stale): Jenkins would not run what the spec says"
    return (Alert("stale", "", say(stale + _REMEDY, jenkinsfile, spec.path)),)
