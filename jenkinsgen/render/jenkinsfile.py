"""From a spec to the text of its Jenkinsfile. Pure: no clock, no environment, no file but the template's."""

from __future__ import annotations

import hashlib
import json
import traceback
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class StageGroup:
    """Stages that run on one agent, one after the other; before them a person may be asked, and no agent waits."""

    title: str
    question: str | None
    """None when nobody is asked."""
    stages: tuple[StageCall, ...]


class _Templates(BaseLoader):
    """Templates from a mapping of names to texts, so that rendering reads no file."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        if template not in self._texts:
            return super().get_source(environment, template)
        return self._texts[template], template, lambda: True


def render_jenkinsfile(
    pipeline: Pipeline, spec_path: str, templates: Mapping[str, str], start: str, files: tuple[str, ...]
) -> str:
    """The text of a Jenkinsfile.

    `spec_path` is the spec's path from the root of the repository, `templates` maps names to texts and holds
    at least Jenkinsfile.j2, `start` names the one to render; `files` are those that a stage reads, the spec among
    them. Raises SpecError when a template is wrong.
    """
    context = {**_context(pipeline, spec_path, _stage_groups(pipeline, spec_path)), "files": files}
    if pipeline.canary:
        context["abort"] = _call(pipeline, "End the canary", f"canary abort {spec_path}", pipeline.timeouts.cleanup)
    return _render(pipeline, spec_path, templates, start, context)


def render_rollback_jenkinsfile(pipeline: Pipeline, spec_path: str, standard_template: str) -> str:
    """The text of the Jenkinsfile of `job.rollback`: the standard template, with a single stage after Checkout.

    A team's own template is not asked: its stages are there for a deployment. Raises ValueError for a spec
    without `job.rollback`.
    """
    templates = {STANDARD_TEMPLATE: standard_template}
    pipeline = rollback_of(pipeline)
    group = StageGroup("Roll back", None, (_rollback_call(pipeline, spec_path),))
    context = _context(pipeline, spec_path, (group,))
    return _render(pipeline, spec_path, templates, STANDARD_TEMPLATE, context)


def _render(
    pipeline: Pipeline, spec_path: str, templates: Mapping[str, str], start: str, context: dict[str, object]
) -> str:
    try:
        body = _environment(tuple(templates.items())).get_template(start).render(context)
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


def _context(pipeline: Pipeline, spec_path: str, groups: tuple[StageGroup, ...]) -> dict[str, object]:
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
        "stages": tuple(call for group in groups for call in group.stages),
        "groups": groups,
        # Without a canary there is nothing to end, and no stage on another agent.
        "abort": None,
        "files": (),
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


def _stage_groups(pipeline: Pipeline, spec_path: str) -> tuple[StageGroup, ...]:
    """One group, and one more for each time that a person is asked."""
    deploying = list(_stage_calls(pipeline, spec_path))
    groups = [StageGroup("Prepare", None, tuple(deploying[:2]))]
    for step in pipeline.canary.steps if pipeline.canary else ():
        # The step itself, and as long again as a switch may take for what is around it.
        limit = step.hold + pipeline.timeouts.switch
        call = _call(pipeline, f"Canary {step.percent} %", f"canary step {step.percent} {spec_path}", limit)
        _add(groups, f"{step.percent} %", f"{step.percent} % of the clients", (call,), asked=step.approval)
    asked = pipeline.canary is not None and pipeline.canary.approval
    _add(groups, "100 %", "all clients", tuple(deploying[2:]), asked=asked)
    return tuple(groups)


def _add(groups: list[StageGroup], title: str, whom: str, calls: tuple[StageCall, ...], *, asked: bool) -> None:
    if asked:
        groups.append(StageGroup(title, f"Give {whom} to the new release?", calls))
    else:
        groups[-1] = replace(groups[-1], stages=groups[-1].stages + calls)


def _call(pipeline: Pipeline, title: str, command: str, seconds: float) -> StageCall:
    """A stage that needs no more than SSH."""
    return StageCall(title, f"exec {_program(pipeline)} {command}", max(1, round(seconds)), ssh_binding(pipeline))


def _stage_calls(pipeline: Pipeline, spec_path: str) -> tuple[StageCall, ...]:
    program = _program(pipeline)
    ssh, registry, secrets = ssh_binding(pipeline), registry_binding(pipeline), secret_bindings(pipeline)
    timeouts = pipeline.timeouts
    # Without a guard nobody looks during the bake, and a build does not wait for its end.
    cleanup = "cleanup --wait" if pipeline.guard else "cleanup"
    everything = ssh + registry + secrets
    moving: tuple[tuple[str, str, float, tuple[Binding, ...]], ...] = (
        ("Deploy", "deploy-colour", timeouts.deploy, everything),
        ("Switch NGINX", "switch-nginx", timeouts.switch, ssh),
    )
    if pipeline.strategy == "rolling":
        moving = (("Roll out", "roll-out", timeouts.deploy, everything),)
    return tuple(
        StageCall(title, f"exec {program} {command} {spec_path}", max(1, round(timeout)), bindings)
        for title, command, timeout, bindings in (
            ("Build image", "build-image", timeouts.build_image, ssh + registry),
            *moving,
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
