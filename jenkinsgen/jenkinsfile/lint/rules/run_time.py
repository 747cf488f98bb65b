"""Wrong values and shapes that Jenkins' linter accepts and every run refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import (
    Call,
    ClosureExpression,
    Constant,
    ExpressionStatement,
    Name,
    New,
    Property,
)
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import bare, block_of, own_name
from jenkinsgen.jenkinsfile.lint.rules.cron import complaint
from jenkinsgen.jenkinsfile.lint.rules.rule import Hit, Rule, text_of, value_of, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.lint.model import Step
    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject


def _check_cron(subject: Subject) -> Iterator[Hit]:
    for trigger in subject.pipeline.triggers:
        spec = next(values(trigger.call), None) if trigger.name in {"cron", "pollSCM"} else None
        if isinstance(spec, Constant) and isinstance(spec.value, str):
            wrong = complaint(spec.value)
            if wrong is not None:
                yield Hit(spec.where, wrong, "five fields: minute hour day month weekday; H spreads the load")


CRON_SPEC = Rule(
    "cron-spec",
    "Jenkins' linter takes any text for a schedule; the build fails when it sets the trigger up.",
    _check_cron,
)


def _check_timeout(subject: Subject) -> Iterator[Hit]:
    for call in subject.calls_to("timeout"):
        time = value_of(call, "time")
        if isinstance(time, Constant) and isinstance(time.value, int) and time.value <= 0:
            yield Hit(time.where, f"a timeout of {time.value} aborts at once")


TIMEOUT_ZERO = Rule("timeout-zero", "A timeout of zero or less is over when it begins: ABORTED.", _check_timeout)


def _check_parameters(subject: Subject) -> Iterator[Hit]:
    for parameter in subject.pipeline.parameters:
        signature = subject.catalogue.of_kind("parameter", parameter.name)
        named = value_of(parameter.call, "name")
        if signature is not None and not signature.open and named is None:
            yield Hit(parameter.where, f"a {parameter.name} parameter without a name")
        choices = value_of(parameter.call, "choices", sole=False)
        if isinstance(choices, Constant) and not isinstance(choices.value, str):
            yield Hit(choices.where, "choices must be a list or a text of several lines")


PARAMETER_SHAPE = Rule(
    "parameter-shape",
    "Jenkins' linter does not look for a parameter's name or the kind of its choices; the build fails with"
    " IllegalArgumentException when it starts.",
    _check_parameters,
)


def _check_label(subject: Subject) -> Iterator[Hit]:
    for stage in (subject.pipeline.root, *subject.pipeline.stages()):
        label = stage.agent.settings if stage.agent is not None and stage.agent.kind == "label" else None
        if isinstance(label, Constant) and not isinstance(label.value, str):
            yield Hit(label.where, f"the label {label.value} is not a text", f"label '{label.value}'")


LABEL_NOT_TEXT = Rule(
    "label-not-text", "A label that is a number ends the build with ClassCastException.", _check_label
)


def _all_steps(subject: Subject) -> Iterator[Step]:
    for stage in subject.pipeline.stages():
        yield from stage.steps()
    for _, post in subject.pipeline.posts():
        for branch in post.conditions:
            for step in branch.steps:
                yield from step.walk()


def _check_blocks(subject: Subject) -> Iterator[Hit]:
    for step in _all_steps(subject):
        signature = subject.catalogue.step(step.name)
        if signature is None or signature.open:
            continue
        if signature.takes_block and step.body is None:
            yield Hit(step.where, f"{step.name} must be called with a block", f"{step.name}(…) {{ … }}")
        elif signature.kind == "step" and step.body is not None:
            yield Hit(step.where, f"{step.name} takes no block")


STEP_BLOCK = Rule(
    "step-block",
    "Jenkins' linter does not compare a step's block with what the step wants; the build fails there.",
    _check_blocks,
)


def _check_environment(subject: Subject) -> Iterator[Hit]:
    for stage in (subject.pipeline.root, *subject.pipeline.stages()):
        for variable in stage.environment:
            call = variable.value
            name = own_name(call) if isinstance(call, Call) else None
            if name == "readFile":
                hint = "read it in a stage: script { env.TAG = readFile('version').trim() }"
                yield Hit(call.where, "environment is evaluated before the steps of the stage made any file", hint)
            elif name == "credentials" and isinstance(call, Call) and len(call.arguments) > 1:
                yield Hit(call.where, "credentials takes one argument")


ENVIRONMENT_VALUE = Rule(
    "environment-value",
    "A file read in environment { … } must be there before any step has run, and credentials takes one id: Jenkins'"
    " linter checks neither.",
    _check_environment,
)


def _check_unstash(subject: Subject) -> Iterator[Hit]:
    stashed = {text_of(value_of(call, "name")) for call in subject.calls_to("stash")}
    for call in subject.calls_to("unstash"):
        name = text_of(value_of(call, "name"))
        if name is not None and "${" not in name and name not in stashed and not subject.uses_library():
            yield Hit(call.where, f"nothing in this file stashes '{name}'")


UNSTASH_MISSING = Rule(
    "unstash-missing",
    "A stash lives in its build only: what no step stashes cannot be unstashed.",
    _check_unstash,
)


def _check_second(subject: Subject) -> Iterator[Hit]:
    found = [each for each in map(bare, subject.script.statements) if isinstance(each, ExpressionStatement)]
    pipelines = [each for each in found if (block := block_of(each)) and block.name == "pipeline"]
    for extra in pipelines[1:]:
        yield Hit(extra.where, "a second pipeline block", "one Jenkinsfile, one pipeline: use two files")


SECOND_PIPELINE = Rule(
    "second-pipeline",
    "Only the first pipeline block is declarative; the second runs after it as plain Groovy and fails at `agent any`.",
    _check_second,
)


def _check_stage_name(subject: Subject) -> Iterator[Hit]:
    for call in subject.calls_to("stage"):
        name = call.arguments[0] if call.arguments else None
        is_declarative = isinstance(call.arguments[-1], ClosureExpression) if call.arguments else False
        if isinstance(name, Name) and is_declarative and _is_a_stage(subject, call):
            yield Hit(name.where, f"the stage name {name.name} is not quoted", f"stage('{name.name}')")


def _is_a_stage(subject: Subject, call: Call) -> bool:
    return any(stage.where.start == call.where.start for stage in subject.pipeline.stages())


STAGE_NAME_UNQUOTED = Rule(
    "stage-name-unquoted",
    "Jenkins' linter takes a bare word for the name; the compiler of the build does not: `Expected string literal`.",
    _check_stage_name,
)

_FORBIDDEN_CLASSES = frozenset(
    {"File", "java.io.File", "FileReader", "FileWriter", "FileInputStream", "FileOutputStream", "URL"}
    | {"java.net.URL", "ProcessBuilder", "Thread"}
)
_FORBIDDEN_NAMES = frozenset({"System", "Runtime", "Jenkins", "Hudson", "Files"})


def _check_sandbox(subject: Subject) -> Iterator[Hit]:
    hint = "use a step (readFile, sh, httpRequest); an approval would be for every Jenkinsfile of the server"
    for node in walk(subject.script):
        if isinstance(node, New) and node.type.name in _FORBIDDEN_CLASSES:
            yield Hit(node.where, f"the sandbox does not permit new {node.type.name}", hint)
        elif isinstance(node, Property) and isinstance(node.name, Constant) and node.name.value == "rawBuild":
            yield Hit(node.where, "the sandbox does not permit rawBuild", hint)
        elif isinstance(node, Call | Property) and _named(node.receiver) in _FORBIDDEN_NAMES:
            yield Hit(node.where, f"the sandbox does not permit {_named(node.receiver)}", hint)


def _named(node: object) -> str | None:
    return node.name if isinstance(node, Name) else None


SANDBOX = Rule(
    "sandbox",
    "Pipelines from a repository run in the Groovy sandbox: RejectedAccessException, on the controller, when the"
    " build gets there.",
    _check_sandbox,
)
