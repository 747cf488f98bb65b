"""From a spec to the text of its Jenkinsfile. Pure: no clock, no environment, no file but the template's."""

from __future__ import annotations

import hashlib
import json
import traceback
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from jinja2 import BaseLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from jenkinsgen._version import __version__
from jenkinsgen.errors import SpecError
from jenkinsgen.render.credentials import Binding, git_binding, registry_binding, secret_bindings, ssh_binding
from jenkinsgen.render.groovy import groovy, groovy_map
from jenkinsgen.render.rollback import VERSION, rollback_of
from jenkinsgen.spec.pipeline import FromImage, FromPip, Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment

STANDARD_TEMPLATE = "Jenkinsfile.j2"
VIRTUAL_ENVIRONMENT = ".jenkinsgen/venv"


@dataclass(frozen=True, slots=True)
class StageCall:
    """A stage that is one call of an entrypoint."""

    title: str
    command: str
    timeout: int
    """Seconds."""
    bindings: tuple[Binding, ...]


class _Templates(BaseLoader):
    """Templates from a mapping of names to texts, so that rendering reads no file."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        if template not in self._texts:
            return super().get_source(environment, template)
        return self._texts[template], template, lambda: True


def render_jenkinsfile(pipeline: Pipeline, spec_path: str, templates: Mapping[str, str], start: str) -> str:
    """The text of a Jenkinsfile.

    `spec_path` is the spec's path from the root of the repository, `templates` maps names to texts and holds
    at least Jenkinsfile.j2, `start` names the one to render. Raises SpecError when a template is wrong.
    """
    return _render(pipeline, spec_path, templates, start, _stage_calls(pipeline, spec_path))


def render_rollback_jenkinsfile(pipeline: Pipeline, spec_path: str, standard_template: str) -> str:
    """The text of the Jenkinsfile of `job.rollback`: the standard template, with a single stage after Checkout.

    A team's own template is not asked: its stages are there for a deployment. Raises ValueError for a spec
    without `job.rollback`.
    """
    templates = {STANDARD_TEMPLATE: standard_template}
    calls = (_rollback_call(pipeline, spec_path),)
    return _render(rollback_of(pipeline), spec_path, templates, STANDARD_TEMPLATE, calls)


def _render(
    pipeline: Pipeline, spec_path: str, templates: Mapping[str, str], start: str, calls: tuple[StageCall, ...]
) -> str:
    try:
        body = _environment(tuple(templates.items())).get_template(start).render(_context(pipeline, spec_path, calls))
    except (TemplateError, RecursionError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        # A template is a program of the team: what it raises is its own mistake, not a bug of jenkinsgen.
        raise SpecError(
            f"{_place(error, start, templates)}: the template cannot be rendered: {_reason(error)}",
            hint="docs/template.md says which blocks and values a template has",
        ) from error
    return header(spec_path, inputs_digest(pipeline, templates), body) + body


@lru_cache(maxsize=16)
def _environment(templates: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    """Compiles each template once: that takes fifty times as long as rendering it."""
    environment = ImmutableSandboxedEnvironment(
        loader=_Templates(dict(templates)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["groovy"] = groovy
    environment.filters["groovy_map"] = groovy_map
    return environment


def _place(error: Exception, start: str, templates: Mapping[str, str]) -> str:
    """`file:line:1` of the innermost line of a template that had to do with the error."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or start}:{error.lineno}:1"
    # Jinja names the templates and their lines in the traceback, as if they were Python.
    frames = [
        (frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename in templates
    ]
    name, line = frames[-1] if frames else (start, 1)
    return f"{name}:{line}:1"


def _reason(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name}; the one to extend is {STANDARD_TEMPLATE}"
    if isinstance(error, RecursionError):
        return "it calls or extends itself without end"
    return str(error) or type(error).__name__


def inputs_digest(pipeline: Pipeline, templates: Mapping[str, str]) -> str:
    """What the Jenkinsfile depends on besides the tool: the meaning of the spec, and the templates."""
    inputs = {"spec": pipeline.model_dump(mode="json"), "templates": dict(sorted(templates.items()))}
    return digest(json.dumps(inputs, sort_keys=True))


def header(spec_path: str, inputs: str, body: str) -> str:
    """Names the origin; the digests let `render --check` tell a stale file from one edited by hand."""
    return (
        f"// Made by jenkinsgen {__version__} from {spec_path}. Do not edit this file; edit that one, then run:\n"
        f"//     jenkinsgen render {spec_path}\n"
        f"// inputs {inputs} body {digest(body)}\n"
    )


def digest(text: str) -> str:
    """Sixteen hexadecimal digits: enough to notice a change, short enough for a comment."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _context(pipeline: Pipeline, spec_path: str, calls: tuple[StageCall, ...]) -> dict[str, object]:
    tool = pipeline.tool
    source = pipeline.source
    remote = {"url": source.repository}
    if source.credential:
        remote["credentialsId"] = source.credential
    return {
        "spec": pipeline,
        "spec_path": spec_path,
        "branch": f"refs/heads/{source.branch}",
        "remote": remote,
        "submodule_bindings": git_binding(source.submodules.credential) if source.submodules else (),
        "seconds": lambda duration: max(1, round(duration)),
        "stages": calls,
        "tool_image": tool.image if isinstance(tool, FromImage) else None,
        "tool_setup": _tool_setup(pipeline),
    }


def _tool_setup(pipeline: Pipeline) -> str | None:
    tool = pipeline.tool
    if not isinstance(tool, FromPip):
        return None
    venv = VIRTUAL_ENVIRONMENT
    pip = f"{venv}/bin/pip install --quiet --disable-pip-version-check"
    return f"python3 -m venv {venv} && {pip} jenkinsgen=={tool.version}"


def _stage_calls(pipeline: Pipeline, spec_path: str) -> tuple[StageCall, ...]:
    program = _program(pipeline)
    ssh, registry, secrets = ssh_binding(pipeline), registry_binding(pipeline), secret_bindings(pipeline)
    timeouts = pipeline.timeouts
    # Without a guard nobody looks during the bake, and a build does not wait for its end.
    cleanup = "cleanup --wait" if pipeline.guard else "cleanup"
    return tuple(
        StageCall(title, f"exec {program} {command} {spec_path}", max(1, round(timeout)), bindings)
        for title, command, timeout, bindings in (
            ("Build image", "build-image", timeouts.build_image, ssh + registry),
            ("Deploy", "deploy-colour", timeouts.deploy, ssh + registry + secrets),
            ("Switch NGINX", "switch-nginx", timeouts.switch, ssh),
            ("Clean up", cleanup, timeouts.cleanup, ssh),
        )
    )


def _rollback_call(pipeline: Pipeline, spec_path: str) -> StageCall:
    # The shell puts the value in, and reads it as one word whatever it is. In the first build of a job that
    # nobody gave its parameters, the variable is not set: then it is empty, too.
    command = f'exec {_program(pipeline)} rollback --to "${VERSION.name}" {spec_path}'
    bindings = ssh_binding(pipeline) + registry_binding(pipeline) + secret_bindings(pipeline)
    seconds = max(1, round(pipeline.timeouts.deploy + pipeline.timeouts.switch))
    return StageCall("Roll back", command, seconds, bindings)


def _program(pipeline: Pipeline) -> str:
    return f"{VIRTUAL_ENVIRONMENT}/bin/jenkinsgen" if isinstance(pipeline.tool, FromPip) else "jenkinsgen"
