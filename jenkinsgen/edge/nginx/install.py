"""The site file comes to the NGINX host, and goes: by scripts that run there as root, each of them all or nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from jenkinsgen.edge.nginx.container import check_container
from jenkinsgen.edge.ssh.root import as_root
from jenkinsgen.errors import CommandFailed, JenkinsgenError, NginxError, StateError
from jenkinsgen.nginx.place import NO_MASTER
from jenkinsgen.nginx.scripts import INSTALL, REMOVE, script
from jenkinsgen.nginx.site import flag_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jenkinsgen.deploy.steps import InstallSite, RemoveSite
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.spec.pipeline import Pipeline

_INVALID, _NOT_TAKEN, _NOT_RUNNING, _BLIND_CONTAINER, _OPEN_FOLDER, _NOT_OURS = range(3, 9)


def install_site(host: SshHost, pipeline: Pipeline, step: InstallSite) -> list[str]:
    """Make a site file live; the ids of the workers of before.

    Raises NginxError and StateError: then all is as before.
    """
    user, sudo = as_root(host)
    flags = flag_folder(pipeline) if step.digest else ""
    over = "yes" if step.takes_over else ""
    arguments = (step.path, flags, user, pipeline.nginx.container or "", _service(pipeline), step.seen, "", over)
    done = host.run([*sudo, "sh", "-c", script(*INSTALL), "sh", *arguments], stdin=step.text)
    if done.exit_code != 0:
        raise _error(host, pipeline, step.path, done.exit_code, (done.output + done.errors).strip())
    return done.output.split()


def remove_site(host: SshHost, pipeline: Pipeline, step: RemoveSite) -> None:
    """Take a site file away again. Raises StateError when it is no longer what was installed, CommandFailed."""
    _, sudo = as_root(host)
    arguments = (step.path, pipeline.nginx.container or "", _service(pipeline), step.seen)
    done = host.run([*sudo, "sh", "-c", script(*REMOVE), "sh", *arguments])
    if done.exit_code == _NOT_OURS:
        raise _error(host, pipeline, step.path, done.exit_code, done.output.strip())
    if done.exit_code != 0:
        said = (done.errors or done.output).strip()
        raise CommandFailed(f"{host.address}: {step.path} cannot be removed (code {done.exit_code}): {said}")


def await_gone(host: SshHost, workers: Sequence[str], seconds: float, sleep: Callable[[float], None]) -> None:
    """The script does not wait for old workers: a stage that is told to end must not, and nothing depends on it."""
    end = time.monotonic() + seconds
    there = 'for worker; do if [ -d "/proc/$worker" ]; then exit 1; fi; done'
    while time.monotonic() < end and host.run(["sh", "-c", there, "sh", *workers]).exit_code != 0:
        sleep(0.1)


def _service(pipeline: Pipeline) -> str:
    """The service whose mark the file has to carry; empty in mode reload: the team's file is compared by its text."""
    return "" if pipeline.nginx.mode == "reload" else pipeline.service.name


def _error(host: SshHost, pipeline: Pipeline, path: str, code: int, said: str) -> JenkinsgenError:
    place = f"{host.address}: {path}"
    if code == _INVALID:
        return NginxError(
            f"{place}: NGINX's configuration would not be valid, so nothing was changed:\n{said}",
            hint=_invalid(path, said),
        )
    if code == _NOT_TAKEN:
        return NginxError(f"{place}: NGINX did not take the new file, which was put back:\n{said}")
    if code == _NOT_OURS:
        return StateError(f"{place}: {said}", hint="nothing was changed; docs/nginx.md says whose files are whose")
    if code in (_NOT_RUNNING, _BLIND_CONTAINER):
        check_container(host, pipeline)
        return NginxError(f"{place}: {said}", hint=NO_MASTER)
    if code == _OPEN_FOLDER:
        return NginxError(f"{place}: {said}", hint="nothing was changed; build again after that")
    return NginxError(f"{place}: cannot be installed (code {code}): {said}")


def _invalid(path: str, said: str) -> str:
    if "is not allowed here" in said and path in said:
        return "is that place included inside of a server or location? nginx.site wants one that http {} includes"
    return "if the error is in another file, mend that one first: nginx -t"
