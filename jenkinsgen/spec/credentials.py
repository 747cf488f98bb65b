"""Which Jenkins credential becomes which environment variable of a stage.

The names are a contract between the Jenkinsfile and the entrypoints that read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jenkinsgen.spec.pipeline import Pipeline

SSH_KEY = "JENKINSGEN_SSH_KEY"
SSH_PASSPHRASE = "JENKINSGEN_SSH_PASSPHRASE"  # noqa: S105 - the name of a variable
SSH_USER = "JENKINSGEN_SSH_USER"
REGISTRY_USER = "JENKINSGEN_REGISTRY_USER"
REGISTRY_PASSWORD = "JENKINSGEN_REGISTRY_PASSWORD"  # noqa: S105 - the name of a variable
PULL_USER = "JENKINSGEN_PULL_USER"
PULL_PASSWORD = "JENKINSGEN_PULL_PASSWORD"  # noqa: S105 - the name of a variable
SECRET_PREFIX = "JENKINSGEN_SECRET_"  # noqa: S105 - the beginning of a variable's name
# Other commands read this one.
_JENKINS_TOKEN = "JENKINS_TOKEN"  # noqa: S105 - the name of a variable


def is_secret(variable: str) -> bool:
    """Whether the value of this variable of the environment must stay hidden."""
    return variable in {SSH_PASSPHRASE, REGISTRY_PASSWORD, PULL_PASSWORD, _JENKINS_TOKEN} or variable.startswith(
        SECRET_PREFIX
    )


@dataclass(frozen=True, slots=True)
class Binding:
    """One entry of `withCredentials([…])`: a step of the plugin credentials-binding and its arguments."""

    step: str
    arguments: dict[str, str]


def ssh_binding(pipeline: Pipeline) -> tuple[Binding, ...]:
    """The key as a file of mode 400.

    The user name is bound only where a host names none: Jenkins masks every bound value in the console, and a
    user `deploy` would turn each "deploy" of the log into stars (measured on 2.504.3).
    """
    if pipeline.ssh.credential is None:
        return ()
    arguments = {
        "credentialsId": pipeline.ssh.credential,
        "keyFileVariable": SSH_KEY,
        "passphraseVariable": SSH_PASSPHRASE,
    }
    if any(host.user is None for host in pipeline.stage_hosts):
        arguments["usernameVariable"] = SSH_USER
    return (Binding("sshUserPrivateKey", arguments),)


def registry_binding(pipeline: Pipeline) -> tuple[Binding, ...]:
    """The login of the registry that pushes, where the spec names one."""
    return _login_binding(pipeline.image.credential, REGISTRY_USER, REGISTRY_PASSWORD)


def pull_binding(pipeline: Pipeline) -> tuple[Binding, ...]:
    """The login that servers pull with. That of the push does not come near them when they have one of their own."""
    if pipeline.image.pull_credential is None:
        return registry_binding(pipeline)
    return _login_binding(pipeline.image.pull_credential, PULL_USER, PULL_PASSWORD)


def _login_binding(credential: str | None, user: str, password: str) -> tuple[Binding, ...]:
    if credential is None:
        return ()
    arguments = {"credentialsId": credential, "usernameVariable": user, "passwordVariable": password}
    return (Binding("usernamePassword", arguments),)


def secret_bindings(pipeline: Pipeline) -> tuple[Binding, ...]:
    """The secrets of the container, each under a prefix so that none replaces a variable of the agent."""
    return tuple(
        Binding("string", {"credentialsId": credential, "variable": SECRET_PREFIX + name})
        for name, credential in sorted(pipeline.service.secrets.items())
    )


def start_bindings(pipeline: Pipeline) -> tuple[Binding, ...]:
    """All that starts containers on the servers."""
    return ssh_binding(pipeline) + pull_binding(pipeline) + secret_bindings(pipeline)


def git_binding(credential: str | None) -> tuple[Binding, ...]:
    """Username and password (or token) that git asks for while it fetches submodules."""
    if credential is None:
        return ()
    return (Binding("gitUsernamePassword", {"credentialsId": credential, "gitToolName": "Default"}),)
