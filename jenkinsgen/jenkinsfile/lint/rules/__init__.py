"""Rules beyond Jenkins' own linter. Each has an id, a reason, and looks at a pipeline that Jenkins accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.lint.rules.approvals import LOCK_WHILE_WAITING, WHEN_AFTER_INPUT
from jenkinsgen.jenkinsfile.lint.rules.deploys import CONCURRENT_DEPLOY, RESTARTABLE_DEPLOY
from jenkinsgen.jenkinsfile.lint.rules.docker import SECRET_IN_DOCKER_ARGUMENTS
from jenkinsgen.jenkinsfile.lint.rules.nodes import ROOT_TIMEOUT_KILLS_POST, SH_WITHOUT_NODE
from jenkinsgen.jenkinsfile.lint.rules.run_time import (
    CRON_SPEC,
    ENVIRONMENT_VALUE,
    LABEL_NOT_TEXT,
    PARAMETER_SHAPE,
    SANDBOX,
    SECOND_PIPELINE,
    STAGE_NAME_UNQUOTED,
    STEP_BLOCK,
    TIMEOUT_ZERO,
    UNSTASH_MISSING,
)
from jenkinsgen.jenkinsfile.lint.rules.section_in_steps import SECTION_IN_STEPS
from jenkinsgen.jenkinsfile.lint.rules.shell import (
    INTERPOLATED_SHELL,
    PARAMETER_IN_SHELL,
    SECRET_IN_ARGV,
    SECRET_IN_GROOVY_STRING,
)
from jenkinsgen.jenkinsfile.lint.rules.sizes import METHOD_TOO_LARGE, STRING_TOO_LONG
from jenkinsgen.jenkinsfile.lint.rules.ssh import SSH_TRUSTS_ANY_HOST
from jenkinsgen.jenkinsfile.lint.rules.text import NUL_IN_STRING, UNICODE_ESCAPE
from jenkinsgen.jenkinsfile.lint.rules.unknown_step import UNKNOWN_STEP
from jenkinsgen.jenkinsfile.lint.rules.unknown_variable import UNKNOWN_VARIABLE

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.lint.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    UNKNOWN_STEP,
    UNKNOWN_VARIABLE,
    SECTION_IN_STEPS,
    STEP_BLOCK,
    STAGE_NAME_UNQUOTED,
    SECOND_PIPELINE,
    PARAMETER_SHAPE,
    ENVIRONMENT_VALUE,
    LABEL_NOT_TEXT,
    CRON_SPEC,
    TIMEOUT_ZERO,
    UNSTASH_MISSING,
    SANDBOX,
    STRING_TOO_LONG,
    NUL_IN_STRING,
    UNICODE_ESCAPE,
    METHOD_TOO_LARGE,
    LOCK_WHILE_WAITING,
    WHEN_AFTER_INPUT,
    ROOT_TIMEOUT_KILLS_POST,
    SH_WITHOUT_NODE,
    PARAMETER_IN_SHELL,
    INTERPOLATED_SHELL,
    SECRET_IN_GROOVY_STRING,
    SECRET_IN_ARGV,
    SECRET_IN_DOCKER_ARGUMENTS,
    SSH_TRUSTS_ANY_HOST,
    CONCURRENT_DEPLOY,
    RESTARTABLE_DEPLOY,
)
