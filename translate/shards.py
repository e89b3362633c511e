"""What engines that distribute a job's shards ask of it; batch jobs and alignment give them the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from dragoman.translate.ledger import Ledger, Row, Shard


@dataclass(frozen=True, slots=True)
class ShardDone:
    """A shard that is finished: what became of its documents, and whether it was done before."""

    shard: Shard
    rows: tuple[Row, ...]
    was_done: bool


class ShardWorker(Protocol):
    """Does shards, each from beginning to end, and marks them as done in the job's ledger."""

    def __call__(self, shard: Shard) -> ShardDone:
        """Do a whole shard, unless it is done."""
        ...

    def give_up(self, shard: Shard, reason: str) -> ShardDone:
        """Write a shard off: an error row for each of its documents, none of which is looked into."""
        ...


class JobOptions(Protocol):
    """How a job is done."""

    @property
    def threads(self) -> int:
        """CPU threads, 0 for every core."""
        ...

    @property
    def device(self) -> str:
        """Where a model runs."""
        ...

    def configuration(self) -> dict[str, str]:
        """Return what decides the results, as the ledger keeps it."""
        ...

    def on(self, threads: int, device: str) -> Self:
        """Return the same options for other threads and another device."""
        ...

    def worker(self, out: Path, owner: str = "") -> ShardWorker:
        """Return a worker for the job in a folder; `owner` as in `Ledger`."""
        ...


def run_in_turn(
    out: Path, options: JobOptions, *, stop: Callable[[], bool] = lambda: False
) -> Iterator[ShardDone]:
    """Do the shards of a planned job, one after the other, and yield each when it is on disk.

    The caller holds the ledger's lock. What is marked as done is not done again. When `stop` says so, no
    other shard is begun.

    Raises:
        ModelError: a model cannot be used.
        OutputError: a result cannot be written.
    """
    worker = options.worker(out)
    for shard in Ledger(out).shards():
        if stop():
            return
        yield worker(shard)
