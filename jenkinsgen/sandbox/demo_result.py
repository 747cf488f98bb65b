"""The result of the demo, and whether it is as promised. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from jenkinsgen.sandbox.jenkinsfile import SUCCESS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jenkinsgen.sandbox.clients.traffic_result import LoadResult
    from jenkinsgen.sandbox.jenkinsfile import BuildResult

DEPLOYMENTS = 3
REFUSED = 1


@dataclass(frozen=True)
class ReleaseResult:
    """One release of the app: the build that should have brought it, and how long its switch took."""

    number: int
    version: str
    healthy: bool
    build: BuildResult
    switch_ms: float | None

    @property
    def deployed(self) -> bool:
        return self.build.result == SUCCESS


@dataclass(frozen=True)
class OrderCount:
    """Orders that the servers' logs hold twice, and answered ones that they do not hold at all."""

    duplicated: int
    lost: int


@dataclass(frozen=True)
class DemoResult:
    """Everything that the demo measured."""

    seconds: float
    releases: tuple[ReleaseResult, ...]
    load: LoadResult
    orders: OrderCount
    answering: frozenset[str | None]
    """Versions that answered at the end; None stands for a failure."""

    @property
    def deployments(self) -> int:
        return sum(release.healthy and release.deployed for release in self.releases)

    @property
    def refused(self) -> int:
        return sum(not release.healthy and not release.deployed for release in self.releases)

    @property
    def expected_version(self) -> str | None:
        """The version of the last healthy release."""
        return next((release.version for release in reversed(self.releases) if release.healthy), None)

    @property
    def switch_ms(self) -> float | None:
        """The slowest switch, in milliseconds."""
        return max((r.switch_ms for r in self.releases if r.switch_ms is not None), default=None)

    def line(self) -> str:
        """The demo in one line."""
        switch = "unknown" if self.switch_ms is None else f"{self.switch_ms:.1f}"
        return (
            f"demo: deployments={self.deployments} refused={self.refused} requests={self.load.requests}"
            f" failed={self.load.failed} duplicated={self.orders.duplicated} switch_ms={switch}"
            f" late={self.load.late} idle_closed={self.load.idle_closed} websockets_cut={self.load.websockets_cut}"
        )

    def problems(self) -> list[str]:
        """The results that are not as promised, a sentence each; empty when all is well."""
        found = [
            f"release {release.number} ({release.version}) should have been"
            f" {'deployed' if release.healthy else 'refused'}; its log is {release.build.log}"
            for release in self.releases
            if release.healthy != release.deployed
        ]
        if len(self.releases) != DEPLOYMENTS + REFUSED:
            found.append(f"only {len(self.releases)} of {DEPLOYMENTS + REFUSED} releases were tried")
        if self.load.failed:
            reasons = {reason for kind in self.load.kinds.values() for reason in kind.reasons}
            found.append(f"{self.load.failed} requests failed: {'; '.join(sorted(reasons))}")
        if self.orders.duplicated:
            found.append(f"{self.orders.duplicated} orders were handled twice")
        if self.orders.lost:
            found.append(f"{self.orders.lost} orders were answered but are in no server's log")
        if self.load.mixed_seconds > 0:
            found.append(f"two versions answered at the same time for {self.load.mixed_seconds:.3f} s")
        if self.answering != {self.expected_version}:
            said = ", ".join(sorted(str(version) for version in self.answering))
            found.append(f"at the end {said} answers, not {self.expected_version}")
        return found

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "deployments": self.deployments,
            "refused": self.refused,
            "requests": self.load.requests,
            "failed": self.load.failed,
            "duplicated": self.orders.duplicated,
            "lost": self.orders.lost,
            "mixed_seconds": self.load.mixed_seconds,
            "late": self.load.late,
            "idle_closed": self.load.idle_closed,
            "websockets_cut": self.load.websockets_cut,
            "switch_ms": self.switch_ms,
            "seconds": round(self.seconds, 1),
            "problems": self.problems(),
            "releases": [
                {
                    "version": release.version,
                    "result": release.build.result,
                    "switch_ms": release.switch_ms,
                    "stages": {stage.name: stage.seconds for stage in release.build.stages},
                    "log": str(release.build.log),
                }
                for release in self.releases
            ],
            "load": {
                name: {**asdict(kind), "connections": kind.connections._asdict()}
                for name, kind in self.load.kinds.items()
            },
            "marks": [{"at": at, "what": what} for at, what in self.load.marks],
            "versions": [asdict(span) for span in self.load.versions],
        }


def count_orders(logs: Iterable[str], load: LoadResult) -> OrderCount:
    """Compare the servers' logs, of lines `ID VERSION HOST`, with what the clients of this load were told."""
    handled = Counter(line.split(" ", 1)[0] for log in logs for line in log.splitlines())
    sent = load.accepted | load.unanswered
    return OrderCount(
        duplicated=sum(handled[order] > 1 for order in sent),
        lost=sum(handled[order] == 0 for order in load.accepted),
    )
