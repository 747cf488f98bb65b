"""Blocks of free Groovy: `script` and `expression`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import ClosureExpression, Where
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_AMBIGUOUS = (
    "Ambiguous expression could be either a parameterless closure expression or an isolated open code block;\n"
    "   solution: Add an explicit closure parameter list, e.g. {it -> ...}, or force it to be treated as an"
    " open block by giving it a label, e.g. L:{...}"
)


def check_code(context: Context, where: Where, step: str, body: ClosureExpression) -> None:
    """Jenkins compiles the text of the block on its own. Of an empty one it takes the braces for the text."""
    if not body.body:
        message = f'Groovy compilation error(s) in {step}. Error(s): "{_AMBIGUOUS}"'
        context.judge(where, message, hint=f"an empty {step} block is an error: remove it or put code into it")
