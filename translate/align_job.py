"""The alignment job: many document pairs, in groups that share a lexicon, each written whole or not at all.

A group is a shard of the ledger that batch jobs use, and `AlignWorker` does for it what their `Worker` does:
so a job that was killed goes on, and processes or actors on Ray share the groups out. Which pairs make a
group depends on their files' sizes alone, and nothing is learnt from one group for another: whoever aligns a
group, the bytes are the same.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from dragoman.corpora.alignment import DocumentPair, align_corpus
from dragoman.errors import InputError
from dragoman.files import shown_name
from dragoman.translate.batch import attempt
from dragoman.translate.ledger import Ledger, Row, Shard, Source
from dragoman.translate.pairs import AlignOptions, PairFiles, load_pair, render
from dragoman.translate.results import Failure
from dragoman.translate.shards import ShardDone
from dragoman.units import Bead, Notice, Severity

# Bytes of source text in a group. The lexicon grows better up to some 50,000 sentences; translations make it
# matter less and the work longer: minutes of one core either way.
_MOST_BYTES = 6_000_000
_MOST_BYTES_BY_MODEL = 300_000


class Aligned(NamedTuple):
    """A document pair and its beads."""

    pair: DocumentPair
    beads: list[Bead]


def plan_pairs(pairs: Iterable[PairFiles], options: AlignOptions) -> Iterator[Shard]:
    """Divide document pairs into groups, in order.

    Raises:
        InputError: two pairs would be written to one file.
    """
    most = _MOST_BYTES_BY_MODEL if options.model or options.model_reverse else _MOST_BYTES
    names: set[str] = set()
    group: list[Source] = []
    index = size = 0
    for pair in pairs:
        name = shown_name(Path(pair.src).name)
        if name in names:
            raise InputError(f"two source files have the name {name!r}: one result would replace the other")
        names.add(name)
        try:
            n_bytes = Path(pair.src).stat().st_size
        except OSError:
            n_bytes = 0  # told when it is read
        if group and size + n_bytes > most:
            yield Shard(index, tuple(group))
            index, size, group = index + 1, 0, []
        group.append(Source(name, pair.src, others=(pair.tgt, *pair.mt)))
        size += n_bytes
    if group:
        yield Shard(index, tuple(group))


def aligned(
    shard: Shard, options: AlignOptions, notify: Callable[[Source, str], None]
) -> Iterator[tuple[Source, Aligned | Failure]]:
    """Align the pairs of a group, in order; one that cannot be used costs the others nothing.

    Args:
        shard: the pairs.
        options: how they are read.
        notify: told what was seen in the files of a pair.
    """
    loaded: list[tuple[Source, DocumentPair | Failure]] = []
    for source in shard.sources:

        def tell(name: str, notice: Notice, source: Source = source) -> None:
            if notice.severity is not Severity.INFO:
                notify(source, f"{name}: {notice.message.removeprefix(f'{name}: ')}")

        loaded.append((source, attempt(load_pair, files_of(source), options, tell)))
    good = [pair for _, pair in loaded if not isinstance(pair, Failure)]
    found = align_corpus(good, pool_sentences=1 + sum(len(pair.src) for pair in good))
    for source, pair in loaded:
        yield source, pair if isinstance(pair, Failure) else Aligned(pair, next(found))


def files_of(source: Source) -> PairFiles:
    """Return the files of a planned pair."""
    return PairFiles(source.path, source.others[0], source.others[1:])


class AlignWorker:
    """Does groups of document pairs, as `dragoman.translate.batch.Worker` does shards of documents."""

    def __init__(self, out: Path, options: AlignOptions, *, owner: str = "") -> None:
        self._ledger = Ledger(out, owner=owner)
        self._options = options

    def __call__(self, shard: Shard) -> ShardDone:
        """Do a whole group, unless it is done."""
        digest = self._digest(shard)
        marked = self._ledger.done(shard.index)
        if marked is not None and marked.digest == digest and self._ledger.has_outputs(marked):
            return ShardDone(shard, marked.rows, was_done=True)
        rows = self._ledger.publish(shard.index, digest, lambda folder: self._write(shard, folder))
        return ShardDone(shard, rows, was_done=False)

    def give_up(self, shard: Shard, reason: str) -> ShardDone:
        """Return an error row for each pair; the group is not marked, so the job tries it when it goes on."""
        return ShardDone(
            shard, tuple(Row(source.name, error=reason) for source in shard.sources), was_done=False
        )

    def _write(self, shard: Shard, folder: Path) -> tuple[Row, ...]:
        notices: dict[Source, list[str]] = {}
        rows = []
        for source, result in aligned(
            shard, self._options, lambda at, text: notices.setdefault(at, []).append(text)
        ):
            if isinstance(result, Failure):
                rows.append(Row(source.name, error=result.reason))
                continue
            name = f"{source.name}.{self._options.layout}"
            (folder / name).write_bytes(render(result.beads, result.pair, self._options))
            noticed = tuple(notices.get(source, ()))
            rows.append(Row(source.name, outputs=(name,), n_segments=len(result.beads), notices=noticed))
        return tuple(rows)

    def _digest(self, shard: Shard) -> str:
        return self._ledger.digest(
            part
            for source in shard.sources
            for part in (source.name.encode(), *map(_content, _paths(source)))
        )


def _paths(source: Source) -> tuple[str, ...]:
    return (source.path, *source.others)


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        return str(error).encode("utf-8", "surrogateescape")
