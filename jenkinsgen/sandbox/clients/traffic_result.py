"""The result of a load: one sample per request, and what they amount to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEPT_REASONS = 5
LATE_SECONDS = 1.0


class Sample(NamedTuple):
    """One request. Times are seconds of `time.monotonic`; `failure` is None for an answer with status 200."""

    kind: str
    sent: float
    ended: float
    version: str | None
    failure: str | None
    order: str | None
    """The id of a POST."""


class Connections(NamedTuple):
    """How often one kind of request opened a connection, and lost one that no request was under way on."""

    opened: int = 0
    closed_while_idle: int = 0
    """Found closed by the server when the next request was due."""
    cut: int = 0
    """WebSockets that the other side ended."""

    def plus(self, other: Connections) -> Connections:
        return Connections(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@dataclass(frozen=True)
class Latency:
    """Percentiles of the answered requests, in milliseconds; all 0 when there was none."""

    p50: float
    p95: float
    p99: float
    maximum: float


@dataclass(frozen=True)
class KindResult:
    """All requests of one kind."""

    requests: int
    failed: int
    reasons: tuple[str, ...]
    """The reasons of the first failures."""
    latency: Latency
    connections: Connections
    late: int = 0
    """Answered, but over a second later than its kind takes."""


@dataclass(frozen=True)
class VersionSpan:
    """When one version answered, in seconds since the load began."""

    version: str
    answers: int
    first_answer: float
    last_sent: float
    """When the last request that it answered was sent."""
    last_answer: float


@dataclass(frozen=True)
class LoadResult:
    """The result of a load from its start to its stop."""

    seconds: float
    kinds: Mapping[str, KindResult]
    versions: tuple[VersionSpan, ...]
    """The versions in the order of their first answers."""
    marks: tuple[tuple[float, str], ...]
    accepted: frozenset[str]
    """Ids of orders that were answered with status 200: each must have been handled exactly once."""
    unanswered: frozenset[str]
    """Ids of orders that were sent and not answered so: handled once or not at all."""

    @property
    def requests(self) -> int:
        return sum(kind.requests for kind in self.kinds.values())

    @property
    def failed(self) -> int:
        return sum(kind.failed for kind in self.kinds.values())

    @property
    def late(self) -> int:
        return sum(kind.late for kind in self.kinds.values())

    @property
    def idle_closed(self) -> int:
        return sum(kind.connections.closed_while_idle for kind in self.kinds.values())

    @property
    def websockets_cut(self) -> int:
        return sum(kind.connections.cut for kind in self.kinds.values())

    @property
    def mixed_seconds(self) -> float:
        """For how long two versions served at the same time; 0 when each was done before the next one began.

        A request that was sent after another version had already answered one, and was answered by the old
        version, shows that both served. Requests that were under way during the switch do not count.
        """
        pairs = zip(self.versions, self.versions[1:], strict=False)
        return sum(max(0.0, old.last_sent - new.first_answer) for old, new in pairs)


def summarise(
    samples: Sequence[Sample],
    connections: Mapping[str, Connections],
    began: float,
    ended: float,
    marks: Sequence[tuple[float, str]],
    *,
    usual: Mapping[str, float],
) -> LoadResult:
    """Put the samples of all workers together. `usual` are the seconds that a kind takes; 0 where it is not named."""
    kinds = {
        name: _kind([sample for sample in samples if sample.kind == name], counted, usual.get(name, 0.0))
        for name, counted in connections.items()
    }
    orders = [sample for sample in samples if sample.order is not None]
    return LoadResult(
        seconds=ended - began,
        kinds=kinds,
        versions=_versions(samples, began),
        marks=tuple((at - began, text) for at, text in marks),
        accepted=frozenset(str(sample.order) for sample in orders if sample.failure is None),
        unanswered=frozenset(str(sample.order) for sample in orders if sample.failure is not None),
    )


def _kind(samples: list[Sample], connections: Connections, usual: float) -> KindResult:
    failures = sorted((sample for sample in samples if sample.failure), key=lambda sample: sample.ended)
    return KindResult(
        requests=len(samples),
        failed=len(failures),
        reasons=tuple(str(sample.failure) for sample in failures[:KEPT_REASONS]),
        latency=_latency([1000 * (sample.ended - sample.sent) for sample in samples if not sample.failure]),
        connections=connections,
        late=sum(not s.failure and s.ended - s.sent > usual + LATE_SECONDS for s in samples),
    )


def _latency(milliseconds: list[float]) -> Latency:
    ordered = sorted(milliseconds) or [0.0]

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return Latency(at(0.5), at(0.95), at(0.99), at(1))


def _versions(samples: Sequence[Sample], began: float) -> tuple[VersionSpan, ...]:
    answered: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.version is not None and sample.failure is None:
            answered.setdefault(sample.version, []).append(sample)
    spans = [
        VersionSpan(
            version=version,
            answers=len(those),
            first_answer=min(sample.ended for sample in those) - began,
            last_sent=max(sample.sent for sample in those) - began,
            last_answer=max(sample.ended for sample in those) - began,
        )
        for version, those in answered.items()
    ]
    return tuple(sorted(spans, key=lambda span: span.first_answer))
