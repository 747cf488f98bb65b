"""Every way in which jenkinsgen ends other than well.

    JenkinsgenError            exit code
    ├── CheckFailed             1   a check said no: a stale file, a finding, a difference
    ├── ToolMissing             2   something this machine must have is not here
    ├── SpecError               3   the YAML file is not a valid spec
    ├── HostError               4   a server could not be reached, or refused us
    │   └── CommandFailed       4   a command on a server ended badly
    ├── ImageError              5   the image could not be built, pushed or pulled
    ├── ReleaseRefused          6   the new release did not become healthy; the old one keeps serving
    ├── NginxError              7   NGINX could not be asked, changed or proven
    ├── StateError              8   what was found does not fit: run another stage first
    │   ├── LeaseHeld           8   another build deploys this service
    │   └── LeaseLost           8   another process has taken the lease over
    ├── JenkinsError            9   the Jenkins server could not be asked, or said no
    ├── Unproven               10   it cannot be told: there is no proof, or there was too little to judge by
    └── KeyFileError           11   the SSH key file of this machine cannot be used; no host was asked

A click usage error is 2, a bug 70, Ctrl-C 130, SIGTERM 143. docs/exit-codes.md says what to do after each.
"""

from __future__ import annotations

from typing import ClassVar


class JenkinsgenError(Exception):
    """Something a person can mend.

    `message` says what failed and where, `hint` what to do next; both are printed, never a traceback.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"


class CheckFailed(JenkinsgenError):
    exit_code = 1


class ToolMissing(JenkinsgenError):
    exit_code = 2


class SpecError(JenkinsgenError):
    exit_code = 3


class HostError(JenkinsgenError):
    exit_code = 4


class CommandFailed(HostError):
    pass


class ImageError(JenkinsgenError):
    exit_code = 5


class ReleaseRefused(JenkinsgenError):
    exit_code = 6


class NginxError(JenkinsgenError):
    exit_code = 7


class StateError(JenkinsgenError):
    exit_code = 8


class LeaseHeld(StateError):
    pass


class LeaseLost(StateError):
    pass


class JenkinsError(JenkinsgenError):
    exit_code = 9


class Unproven(JenkinsgenError):
    exit_code = 10


class KeyFileError(JenkinsgenError):
    exit_code = 11
