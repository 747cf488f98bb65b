"""The parts of a Jenkins job that jenkinsgen owns, as frozen data.

One model is made both from a spec (what should be) and from a `config.xml` (what is), whichever way Jenkins spelled
it; docs/ownership.md lists what is not in it and is therefore left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

UNLIMITED = -1


class Concurrency(Enum):
    """The rule for a build that starts while another one of the same job runs."""

    ALLOWED = "allowed"
    QUEUED = "one at a time"
    ABORT_PREVIOUS = "the newest aborts the older"


@dataclass(frozen=True, kw_only=True)
class StringParameter:
    name: str
    default: str = ""
    description: str = ""
    trim: bool = False


@dataclass(frozen=True, kw_only=True)
class BooleanParameter:
    name: str
    default: bool = False
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class ChoiceParameter:
    """The first choice is the default: Jenkins knows no other."""

    name: str
    choices: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class ForeignParameter:
    """A parameter of a class that no spec can ask for, found on a server. Its value may be secret: not read."""

    name: str
    class_name: str


Parameter: TypeAlias = StringParameter | BooleanParameter | ChoiceParameter | ForeignParameter


@dataclass(frozen=True, kw_only=True)
class Triggers:
    """Jenkins cron specs, as written in a Jenkinsfile's `cron('…')` and `pollSCM('…')`."""

    cron: str | None = None
    poll: str | None = None


@dataclass(frozen=True, kw_only=True)
class Discarder:
    """Which builds and artifacts Jenkins keeps; UNLIMITED (-1) keeps all.

    All four numbers are always written: a `LogRotator` without `daysToKeep` gets 0 and Jenkins deletes every
    build but the last (measured on 2.504.3).
    """

    builds: int = UNLIMITED
    days: int = UNLIMITED
    artifact_builds: int = UNLIMITED
    artifact_days: int = UNLIMITED


@dataclass(frozen=True, kw_only=True)
class Submodules:
    recursive: bool = True
    tracking: bool = False
    reference: str = ""
    parent_credentials: bool = True
    shallow: bool = False


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A git remote. `name` and `refspec` are None where git's own defaults hold."""

    url: str
    credentials_id: str | None = None
    name: str | None = None
    refspec: str | None = None


@dataclass(frozen=True, kw_only=True)
class InlineScript:
    """The Jenkinsfile is part of the job."""

    script: str
    sandbox: bool = True


@dataclass(frozen=True, kw_only=True)
class ScriptFromGit:
    """Jenkins reads the Jenkinsfile from git for every build."""

    remotes: tuple[Remote, ...]
    branches: tuple[str, ...]
    script_path: str
    lightweight: bool = True
    submodules: Submodules | None = None


@dataclass(frozen=True, kw_only=True)
class Multibranch:
    """One job per branch that has the Jenkinsfile.

    `source_id` is written once and then kept as the server has it: a source with another id counts as a new
    one, and Jenkins builds all branches again.
    """

    source_id: str
    remote: Remote
    script_path: str
    include: str = "*"
    exclude: str = ""
    branches: bool = True
    tags: bool = False
    submodules: Submodules | None = None
    scan_minutes: int | None = None
    prune_branches: bool = True
    orphan_days: int = UNLIMITED
    orphan_builds: int = UNLIMITED


@dataclass(frozen=True, kw_only=True)
class ForeignDefinition:
    """A definition that no spec can ask for, or None where Jenkins dropped it for want of a plugin."""

    class_name: str | None


Definition: TypeAlias = InlineScript | ScriptFromGit | Multibranch | ForeignDefinition


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job. `name` is the full name, folders separated by `/`, without a leading one.

    `durability` is one of Jenkins' hints (`MAX_SURVIVABILITY`, …) or None for the server's default.
    A multibranch job has neither parameters nor discarder: they belong to its branches' Jenkinsfiles.
    """

    name: str
    definition: Definition
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    triggers: Triggers = Triggers()
    discarder: Discarder | None = None
    concurrency: Concurrency = Concurrency.ALLOWED
    durability: str | None = None
