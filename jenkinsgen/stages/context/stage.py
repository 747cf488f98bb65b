"""One stage of a build: the one way to open it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.release import check_release
from jenkinsgen.stages.context.transaction import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from typing_extensions import Unpack

    from jenkinsgen.deploy.release import Build, Release
    from jenkinsgen.edge.docker.images import Registry
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside, Workspace
    from jenkinsgen.stages.context.session import Session
    from jenkinsgen.stages.context.transaction import Options, Transaction


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: its name, its spec, its report, and everything outside of it. Nothing is connected yet."""

    name: str
    pipeline: Pipeline
    report: Report
    outside: Outside

    @property
    def workspace(self) -> Workspace:
        return self.outside.workspace

    @property
    def build(self) -> Build | None:
        """The build of Jenkins that runs this; None outside Jenkins."""
        return self.workspace.current_build()

    def release(self) -> Release:
        """The release that build-image of this build made. Raises StateError when there is none for this spec."""
        release = self.workspace.required_release()
        check_release(release, self.pipeline, self.build)
        return release

    def pull_login(self) -> Registry:
        """The login that servers pull with; None when they have their own. Raises StateError."""
        return self.workspace.pull_login(self.pipeline, self.report)

    def secrets(self) -> dict[str, str]:
        """The container's secret variables. Raises StateError when one was not bound."""
        return self.workspace.secrets(self.pipeline, self.report)

    def write_report(self, **facts: Any) -> None:
        """Keep what the stage has to say for machines, as `.jenkinsgen/NAME.json`."""
        self.workspace.write_report(self.name, json.dumps(facts))

    def connected(self, *, with_servers: bool = True) -> AbstractContextManager[Session]:
        """NGINX, and the servers unless they are not needed. Raises HostError, StateError."""
        return self.outside.connect(self, with_servers=with_servers)

    @contextmanager
    def transaction(self, **options: Unpack[Options]) -> Iterator[Transaction]:
        """Connect and hold the lease; `options` and errors are those of `transaction`."""
        with self.connected() as session, transaction(session, **options) as work:
            yield work
