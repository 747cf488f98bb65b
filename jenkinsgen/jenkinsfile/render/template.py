"""Renders a template, within bounds, and tells its mistakes at their lines. Reads no file."""

from __future__ import annotations

import traceback
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, Template, TemplateAssertionError, TemplateError, TemplateNotFound, TemplateSyntaxError

from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.render.budget import Budget
from jenkinsgen.jenkinsfile.render.plain import plain
from jenkinsgen.jenkinsfile.render.template_environment import TemplateEnvironment
from jenkinsgen.jenkinsfile.render.template_tree import (
    LONGEST_TEMPLATE,
    STANDARD_TEMPLATE,
    block_names,
    check_allowed,
    check_own,
    counted,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from types import CodeType

    from jinja2 import Environment, nodes


def rendered(templates: Mapping[str, str], start: str, values: Mapping[str, Any]) -> str:
    """The text that the template `start` makes of values, each of which it gets as plain data.

    `templates` maps names to texts and holds at least Jenkinsfile.j2. Raises SpecError when a template is wrong, or
    takes more than a Jenkinsfile can need.
    """
    try:
        environment = TemplateEnvironment(_Templates(templates), Budget())
        return environment.get_template(start).render({name: plain(value) for name, value in values.items()})
    except (
        TemplateError,
        RecursionError,
        ArithmeticError,
        LookupError,
        AttributeError,
        TypeError,
        ValueError,
        MemoryError,
        SyntaxError,
    ) as error:
        # A template is a program of the team: what it raises is its own mistake, not a bug of jenkinsgen.
        raise SpecError(
            f"{_place(error, start, templates)}: the template cannot be rendered: {_reason(error)}",
            hint="docs/template.md says which blocks and values a template has",
        ) from error


class _Templates(BaseLoader):
    """Templates from a mapping of names to texts."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        if name not in self._texts:
            raise TemplateNotFound(name)
        code = _compiled(name, self._texts[name], self._texts[STANDARD_TEMPLATE])
        return Template.from_code(environment, code, {} if globals is None else globals)


@lru_cache(maxsize=16)
def _compiled(name: str, text: str, standard: str) -> CodeType:
    """Compiles each template once: that takes fifty times as long as rendering it."""
    environment = TemplateEnvironment(BaseLoader(), Budget())
    tree = _parsed(environment, name, text)
    if name != STANDARD_TEMPLATE:
        try:
            check_allowed(tree)
            check_own(tree, _blocks(standard))
        except TemplateAssertionError as error:
            raise TemplateAssertionError(error.message or "", error.lineno, name) from error
    return environment.compile(counted(tree, environment), name, name)


@lru_cache(maxsize=2)
def _blocks(standard: str) -> tuple[str, ...]:
    """The names of the blocks that the standard template has: parsing it again would take most of the time."""
    environment = TemplateEnvironment(BaseLoader(), Budget())
    return block_names(_parsed(environment, STANDARD_TEMPLATE, standard))


def _parsed(environment: Environment, name: str, text: str) -> nodes.Template:
    if len(text) > LONGEST_TEMPLATE:
        raise TemplateAssertionError(f"it has {len(text):,} characters; {LONGEST_TEMPLATE:,} are the most", 1, name)
    return environment.parse(text, name, name)


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
    if isinstance(error, RecursionError):
        return "it calls itself without end, or is nested too deeply"
    if isinstance(error, (SyntaxError, MemoryError)):
        return "it is nested too deeply"
    if isinstance(error, TemplateSyntaxError):
        # Its text has the place once more.
        return error.message or "it is no template"
    return str(error) or type(error).__name__
