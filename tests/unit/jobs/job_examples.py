"""Jobs that tests write, and each of their owned fields changed once."""

from __future__ import annotations

from dataclasses import replace

from jenkinsgen.jobs.model import (
    BooleanParameter,
    ChoiceParameter,
    Concurrency,
    Discarder,
    InlineScript,
    Job,
    Multibranch,
    Remote,
    ScriptFromGit,
    StringParameter,
    Submodules,
    Triggers,
)
from jenkinsgen.jobs.plan import Desired

GIT = ScriptFromGit(
    remotes=(Remote(url="https://git.test/shop.git", credentials_id="git-login"),),
    branches=("*/main",),
    script_path="pipelines/shop.Jenkinsfile",
    submodules=Submodules(),
)
FROM_GIT = Job(
    name="team/shop from git",
    description="Deploys the shop: 店 🚀\nwith care",
    parameters=(
        StringParameter(name="TAG", default="latest", description="image tag"),
        BooleanParameter(name="DRY_RUN", default=True, description="show only"),
        ChoiceParameter(name="TARGET", choices=("staging", "production"), description="where"),
    ),
    triggers=Triggers(cron="H 4 * * *", poll="H/5 * * * *"),
    discarder=Discarder(builds=30, artifact_builds=5),
    concurrency=Concurrency.QUEUED,
    durability="MAX_SURVIVABILITY",
    definition=GIT,
)
INLINE = replace(FROM_GIT, name="team/shop inline", definition=InlineScript(script="pipeline {\n    agent any\n}\n"))
BRANCHES = Multibranch(
    source_id="7d3b6f0e-0000-5000-8000-000000000001",
    remote=Remote(url="https://git.test/shop.git", credentials_id="git-login"),
    script_path="pipelines/shop.Jenkinsfile",
    include="main release-*",
    exclude="wip-*",
    submodules=Submodules(),
    scan_minutes=60,
    orphan_days=7,
    orphan_builds=20,
)
MULTIBRANCH = Job(name="team/shop branches", description="All branches", definition=BRANCHES)


def desired(job: Job, **changes: str) -> Desired:
    return Desired(
        **{"job": job, "owner": "git.test/shop", "spec": "pipelines/shop.yaml", "version": "0.1.0", **changes}
    )


def _parameter(index: int, **changes: object) -> Job:
    parameters = list(FROM_GIT.parameters)
    parameters[index] = replace(parameters[index], **changes)
    return replace(FROM_GIT, parameters=tuple(parameters))


def _git(**changes: object) -> Job:
    return replace(FROM_GIT, definition=replace(GIT, **changes))


def _branches(**changes: object) -> Job:
    return replace(MULTIBRANCH, definition=replace(BRANCHES, **changes))


def _keep(**changes: int) -> Job:
    return replace(FROM_GIT, discarder=replace(FROM_GIT.discarder, **changes))


_REMOTE = GIT.remotes[0]
_BRANCH_REMOTE = BRANCHES.remote

# Which job and what was changed in it -> the changed job, and the path that a plan must name.
MUTATIONS = {
    "from git: description": (replace(FROM_GIT, description="edited"), "description"),
    "from git: no description": (replace(FROM_GIT, description=""), "description"),
    "from git: default": (_parameter(0, default="v1"), "parameters/TAG/default"),
    "from git: parameter's description": (_parameter(0, description="?"), "parameters/TAG/description"),
    "from git: trim": (_parameter(0, trim=True), "parameters/TAG/trim"),
    "from git: parameter renamed": (_parameter(0, name="TAGS"), "parameters/TAGS/type"),
    "from git: boolean": (_parameter(1, default=False), "parameters/DRY_RUN/default"),
    "from git: choices": (
        _parameter(2, choices=("production", "staging")),
        "parameters/TARGET/choices",
    ),
    "from git: parameter's type": (
        replace(FROM_GIT, parameters=(StringParameter(name="TARGET"), *FROM_GIT.parameters[:2])),
        "parameters/TARGET/type",
    ),
    "from git: parameter removed": (
        replace(FROM_GIT, parameters=FROM_GIT.parameters[1:]),
        "parameters/TAG/default",
    ),
    "from git: parameters' order": (
        replace(FROM_GIT, parameters=FROM_GIT.parameters[::-1]),
        "parameter-order",
    ),
    "from git: cron": (replace(FROM_GIT, triggers=Triggers(poll="H/5 * * * *")), "triggers/cron"),
    "from git: poll": (replace(FROM_GIT, triggers=Triggers(cron="H 4 * * *", poll="@daily")), "triggers/poll"),
    "from git: builds": (_keep(builds=3), "discarder/builds"),
    "from git: days": (_keep(days=3), "discarder/days"),
    "from git: artifact builds": (_keep(artifact_builds=3), "discarder/artifact builds"),
    "from git: artifact days": (_keep(artifact_days=3), "discarder/artifact days"),
    "from git: no discarder": (replace(FROM_GIT, discarder=None), "discarder/builds"),
    "from git: concurrency": (replace(FROM_GIT, concurrency=Concurrency.ALLOWED), "concurrency"),
    "from git: abort": (replace(FROM_GIT, concurrency=Concurrency.ABORT_PREVIOUS), "concurrency"),
    "from git: durability": (replace(FROM_GIT, durability=None), "durability"),
    "from git: url": (_git(remotes=(replace(_REMOTE, url="x"),)), "definition/url"),
    "from git: credentials": (
        _git(remotes=(replace(_REMOTE, credentials_id=None),)),
        "definition/credentials",
    ),
    "from git: refspec": (_git(remotes=(replace(_REMOTE, refspec="+a:b"),)), "definition/refspec"),
    "from git: remote's name": (_git(remotes=(replace(_REMOTE, name="up"),)), "definition/remote name"),
    "from git: second remote": (_git(remotes=(_REMOTE, Remote(url="y"))), "definition/remote 2 url"),
    "from git: branch": (_git(branches=("*/dev",)), "definition/branches"),
    "from git: script path": (_git(script_path="Jenkinsfile"), "definition/script path"),
    "from git: lightweight": (_git(lightweight=False), "definition/lightweight"),
    "from git: no submodules": (_git(submodules=None), "definition/submodules recursive"),
    "from git: submodules": (
        _git(submodules=Submodules(parent_credentials=False)),
        "definition/submodules parent credentials",
    ),
    "from git: inline": (replace(FROM_GIT, definition=INLINE.definition), "definition/kind"),
    "inline: script": (replace(INLINE, definition=InlineScript(script="echo")), "definition/script"),
    "inline: sandbox": (
        replace(INLINE, definition=replace(INLINE.definition, sandbox=False)),
        "definition/sandbox",
    ),
    "multibranch: url": (_branches(remote=replace(_BRANCH_REMOTE, url="x")), "definition/url"),
    "multibranch: credentials": (
        _branches(remote=replace(_BRANCH_REMOTE, credentials_id="y")),
        "definition/credentials",
    ),
    "multibranch: script path": (_branches(script_path="Jenkinsfile"), "definition/script path"),
    "multibranch: include": (_branches(include="*"), "definition/include"),
    "multibranch: exclude": (_branches(exclude=""), "definition/exclude"),
    "multibranch: branches": (_branches(branches=False), "definition/branches"),
    "multibranch: tags": (_branches(tags=True), "definition/tags"),
    "multibranch: no submodules": (_branches(submodules=None), "definition/submodules shallow"),
    "multibranch: scan": (_branches(scan_minutes=None), "definition/scan minutes"),
    "multibranch: other scan": (_branches(scan_minutes=1440), "definition/scan minutes"),
    "multibranch: prune": (_branches(prune_branches=False), "definition/prune branches"),
    "multibranch: orphan days": (_branches(orphan_days=1), "definition/orphan days"),
    "multibranch: orphan builds": (_branches(orphan_builds=1), "definition/orphan builds"),
}
