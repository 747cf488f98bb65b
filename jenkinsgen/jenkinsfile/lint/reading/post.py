"""`post`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.lint.matching import block_of, repeated
from jenkinsgen.jenkinsfile.lint.model import Branch, Post
from jenkinsgen.jenkinsfile.lint.reading.steps import read_branch
from jenkinsgen.jenkinsfile.post import POST_CONDITIONS

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Statement
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_VALID = f"[{', '.join(POST_CONDITIONS)}]"


def read_post(context: Context, statement: Statement) -> Post:
    block = block_of(statement)
    if block is None:
        context.complain(statement.where, "Expected a block")
        return Post(statement.where, ())
    found: list[Branch] = []
    for each in context.body(block.body):
        condition = block_of(each)
        if condition is None:
            message = "The 'post' section can only contain build condition names with code blocks."
            context.complain(each.where, f"{message} Valid condition names are {_VALID}")
            continue
        branch = read_branch(context, condition.name, condition.body)
        found.append(Branch(each.where, condition.name, branch.steps))
        if condition.name not in POST_CONDITIONS:
            context.judge(each.where, f'Invalid condition "{condition.name}" - valid conditions are {_VALID}')
    _judge(context, statement, found)
    return Post(statement.where, tuple(found))


def _judge(context: Context, statement: Statement, found: list[Branch]) -> None:
    if not found:
        context.judge(statement.where, "post can not be empty")
    for name in repeated(each.name for each in found):
        context.judge(statement.where, f'Duplicate build condition name: "{name}"')
