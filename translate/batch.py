"""The batch job: shards of documents through the model, each written whole or not at all.

Some shards are in the engine while the next is read and segmented, one before is checked and another
written, so that the engine does not wait. `Worker` does a shard from beginning to end and is the same for
every engine that distributes shards; `run_job` is the local one.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from dragoman.errors import DragomanError, ModelError
from dragoman.models.machine import n_cores
from dragoman.translate.documents import Source, read_source
from dragoman.translate.inputs import load as load_source
from dragoman.translate.ledger import Ledger, Shard
from dragoman.translate.options import BatchOptions
from dragoman.translate.qa import checked
from dragoman.translate.recall import Asked, Recall
from dragoman.translate.results import Failure, write_shard
from dragoman.translate.shards import JobOptions, ShardDone, ShardWorker
from dragoman.translate.survey import hits
from dragoman.translate.translated import Translated

_Found = TypeVar("_Found")
_IN_ENGINE = 3  # shards, so that it has work while one is checked and another tried again


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A shard whose documents are read: a document and its segments, or why it cannot be used."""

    shard: Shard
    digest: str
    documents: tuple[Source | Failure, ...]


@dataclass(frozen=True, slots=True)
class _Begun:
    """A shard whose segments the engine is at."""

    prepared: _Prepared
    asked: Asked


class Worker:
    """Does shards: a call for all of it, or `prepare`, `begin`, `finish` and `write`.

    `prepare` and `write` may run in other threads than the rest.
    """

    def __init__(self, out: Path, options: BatchOptions, *, owner: str = "") -> None:
        self._ledger = Ledger(out, owner=owner)
        self._options = options
        self._recall: Recall | None = None
        self._repeated = self._ledger.repeated()

    def __call__(self, shard: Shard) -> ShardDone:
        """Do a whole shard, unless it is done."""
        prepared = self.prepare(shard)
        if isinstance(prepared, ShardDone):
            return prepared
        return self.write(prepared, self.finish(self.begin(prepared)))

    def give_up(self, shard: Shard, reason: str) -> ShardDone:
        """Write a shard off: an error row for each of its documents, none of which is looked into."""
        contents, digest = self._load(shard)
        return self.write(_Prepared(shard, digest, ()), [Failure(reason)] * len(contents))

    def prepare(self, shard: Shard) -> _Prepared | ShardDone:
        """Read and segment a shard's documents, unless its marker says that they are done as they stand."""
        contents, digest = self._load(shard)
        marked = self._ledger.done(shard.index)
        if marked is not None and marked.digest == digest and self._ledger.holds(shard.index, marked):
            return ShardDone(shard, marked.rows, was_done=True)
        documents = tuple(
            content if isinstance(content, Failure) else attempt(self._read, *content) for content in contents
        )
        return _Prepared(shard, digest, documents)

    def begin(self, prepared: _Prepared) -> _Begun:
        """Give the engine a shard's segments, all together."""
        if self._recall is None:
            self._recall = Recall(self._options)
        good = [found for found in prepared.documents if not isinstance(found, Failure)]
        return _Begun(
            prepared, self._recall.begin([part.text for source in good for part in source.segments])
        )

    def finish(self, begun: _Begun) -> list[Translated | Failure]:
        """Wait for a shard's translations and check them."""
        assert self._recall is not None  # it has begun
        recall, prepared = self._recall, begun.prepared
        hypotheses = iter(recall.finish(begun.asked))
        judge = cache(lambda text, hypothesis: checked(text, hypothesis, glossary=recall.glossary))
        results: list[Translated | Failure] = []
        for found in prepared.documents:
            if isinstance(found, Failure):
                results.append(found)
                continue
            texts = [part.text for part in found.segments]
            judged = tuple(judge(text, next(hypotheses)) for text in texts)
            matches = recall.matches(texts, judged)
            results.append(
                Translated(
                    found.document,
                    found.segments,
                    judged,
                    recall.model,
                    matches,
                    recall.key,
                    found.template,
                    found.original,
                )
            )
        return results

    def write(self, prepared: _Prepared, results: list[Translated | Failure]) -> ShardDone:
        """Write a shard's results, rename them into place and mark the shard as done."""
        shard = prepared.shard
        rows = self._ledger.publish(
            shard.index,
            prepared.digest,
            lambda folder: write_shard(shard, results, folder, export=self._options.export),
        )
        return ShardDone(shard, rows, was_done=False)

    def close(self) -> None:
        """Close what has been opened."""
        if self._recall is not None:
            self._recall.close()

    def _load(self, shard: Shard) -> tuple[list[tuple[str | bytes, str] | Failure], str]:
        """Return the contents of a shard's documents, and the digest of what its results depend on."""
        contents = [attempt(load_source, source) for source in shard.sources]
        good = (content for content in contents if not isinstance(content, Failure))
        return contents, self._ledger.digest(map(_bytes_of, contents), hits(good, self._repeated))

    def _read(self, content: str | bytes, name: str) -> Source:
        return read_source(
            content,
            name,
            keep_all=self._options.keep_all,
            any_language=self._options.any_language,
            repeated=self._repeated,
        )


def run_job(
    out: Path, options: BatchOptions, *, stop: Callable[[], bool] = lambda: False
) -> Iterator[ShardDone]:
    """Do the shards of a planned job, in order, and yield each when it is on disk.

    The caller holds the ledger's lock. What is marked as done is not done again. When `stop` says so, the
    shards in the engine are finished and no other begun.

    Raises:
        ModelError: the model cannot be used.
        OutputError: a result cannot be written; the job can be resumed.
    """
    with (
        closing(Worker(out, options)) as worker,
        ThreadPoolExecutor(1) as reader,
        ThreadPoolExecutor(1) as writer,
    ):
        under_way: deque[_Begun | ShardDone] = deque()
        going: deque[Future[ShardDone]] = deque()
        coming = _ahead(reader, worker.prepare, Ledger(out).shards())
        while True:
            prepared = None if stop() else next(coming, None)
            # The new shard comes first, so that the engine has it while others are waited for.
            newest = worker.begin(prepared) if isinstance(prepared, _Prepared) else prepared
            for older in under_way:
                if isinstance(older, _Begun):
                    older.asked.running.advance()
            if newest is not None:
                under_way.append(newest)
            elif not under_way:
                break
            if prepared is None or len(under_way) >= _IN_ENGINE:
                oldest = under_way.popleft()
                going.append(
                    _settled(oldest)
                    if isinstance(oldest, ShardDone)
                    else writer.submit(worker.write, oldest.prepared, worker.finish(oldest))
                )
            while len(going) > 1:
                yield going.popleft().result()
        while going:
            yield going.popleft().result()


def _settled(done: ShardDone) -> Future[ShardDone]:
    future: Future[ShardDone] = Future()
    future.set_result(done)
    return future


def _ahead(
    reader: ThreadPoolExecutor, prepare: Callable[[Shard], _Prepared | ShardDone], shards: Iterator[Shard]
) -> Iterator[_Prepared | ShardDone]:
    """Yield shards as they are prepared, while the next one is."""
    coming: Future[_Prepared | ShardDone] | None = None
    for shard in shards:
        following = reader.submit(prepare, shard)
        if coming is not None:
            yield coming.result()
        coming = following
    if coming is not None:
        yield coming.result()


def run_parallel(
    out: Path,
    options: JobOptions,
    n_jobs: int,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[ShardDone]:
    """Do the shards of a planned job in several processes, each with a worker of its own; see `run_job`."""
    share = options.on(max(1, (options.threads or n_cores()) // n_jobs), options.device)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(n_jobs, context, initializer=_start, initargs=(out, share)) as pool:
        under_way: deque[Future[ShardDone]] = deque()
        for shard in Ledger(out).shards():
            if stop():
                break
            under_way.append(pool.submit(_do, shard))
            if len(under_way) > 2 * n_jobs:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


_worker: ShardWorker | None = None  # of a process of `run_parallel`


def _start(out: Path, options: JobOptions) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    _worker = options.worker(out)


def _do(shard: Shard) -> ShardDone:
    if _worker is None:
        raise RuntimeError("the process was not started by run_parallel")
    return _worker(shard)


def attempt(function: Callable[..., _Found], *args: object) -> _Found | Failure:
    """Call for one document; whatever goes wrong with it, except the model, concerns that document alone."""
    try:
        return function(*args)
    except ModelError:
        raise
    except DragomanError as error:
        return Failure(" ".join(str(error).split()))
    except Exception as error:  # a fault of ours in one document must not end the night's work
        return Failure(f"unexpected {type(error).__name__}: {' '.join(str(error).split())}")


def _bytes_of(content: tuple[str | bytes, str] | Failure) -> bytes:
    if isinstance(content, Failure):
        return content.reason.encode("utf-8", "surrogatepass")
    text = content[0]
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
