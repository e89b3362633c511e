"""The translation memory: one SQLite file that remembers what people and models made of a source text.

Equal sources are found by `for_model(source)`; a person's translation always comes before an aligned one, and
both before a model's. A model's translation is found again only under the same engine key: the digest of the
model, back end, decoding settings and version of the normaliser, so that no stale translation returns. The
file is in write-ahead mode: many readers and one writer work on it at the same time.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from dragoman.corpora.fuzzy import DEFAULT_THRESHOLD, SCHEMA, FuzzyIndex, add_to_index
from dragoman.corpora.normalisation import NORMALISER_VERSION, for_model, matching_key
from dragoman.corpora.provenance import ALIGNED, HUMAN, Match
from dragoman.errors import FormatError, InputError, OutputError
from dragoman.units import TranslationUnit

_APPLICATION_ID = 0x44726754  # "DrgT"
_VERSION = 1
_BATCH = 5000  # units a transaction
_BUSY_SECONDS = 60.0
_RANKS = {HUMAN: 0, ALIGNED: 1}  # a model's translations rank last
_MT_RANK = 2
_COLUMNS = "s.src, t.tgt, t.rank, t.model, t.score, t.document, t.unit_id"
_TABLES = """
CREATE TABLE IF NOT EXISTS sources(
    id INTEGER PRIMARY KEY, pair TEXT NOT NULL, digest BLOB NOT NULL,
    key TEXT NOT NULL, src TEXT NOT NULL, indexed INTEGER NOT NULL DEFAULT 0, UNIQUE(pair, digest));
CREATE TABLE IF NOT EXISTS targets(
    source INTEGER NOT NULL REFERENCES sources(id), engine TEXT NOT NULL, tgt TEXT NOT NULL,
    rank INTEGER NOT NULL, changed INTEGER NOT NULL, model TEXT NOT NULL, score REAL,
    document TEXT NOT NULL, unit_id TEXT NOT NULL,
    PRIMARY KEY(source, rank, engine, tgt)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of units that were to be added.

    Attributes:
        n_new: translations that the memory did not have.
        n_known: translations that it had already; their date is renewed.
        n_skipped: units without a source or a target, or machine translations without an engine key.
    """

    n_new: int = 0
    n_known: int = 0
    n_skipped: int = 0

    def __add__(self, other: "Added") -> "Added":
        return Added(self.n_new + other.n_new, self.n_known + other.n_known, self.n_skipped + other.n_skipped)


@dataclass(frozen=True, slots=True)
class MemoryStats:
    """Counts of a memory."""

    n_sources: int
    n_human: int
    n_aligned: int
    n_mt: int
    n_engines: int
    pairs: tuple[str, ...]
    n_bytes: int


def engine_key(
    *, model: str, backend: str, decoding: Mapping[str, object], normaliser: int = NORMALISER_VERSION
) -> str:
    """Return the key under which an engine's translations are kept; whatever changes them changes it.

    Args:
        model: digest of the model's files.
        backend: name and version of the back end, with the compute type.
        decoding: every decoding parameter by name.
        normaliser: version of the normalisation that the model's input went through.
    """
    parts = json.dumps([model, backend, dict(decoding), normaliser], sort_keys=True, default=str)
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


class Memory:
    """An open translation memory of one language pair; close it or use it in a `with` statement."""

    def __init__(
        self, path: Path, *, src_lang: str = "ar", tgt_lang: str = "en", must_exist: bool = False
    ) -> None:
        """Open a memory file, and make it where there is none.

        Raises:
            InputError: the file is missing (with `must_exist`) or cannot be opened.
            FormatError: it is not a translation memory of this version.
        """
        if must_exist and not path.is_file():
            raise InputError(f"no translation memory at {path}")
        self.path = path
        self._src_lang = src_lang
        self._pair = f"{_primary(src_lang)}-{_primary(tgt_lang)}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise InputError(f"cannot open the translation memory {path}: {error}") from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise FormatError(f"{path} is not a translation memory: {error}") from error
        self._fuzzy = FuzzyIndex(self._connection)

    def _prepare(self) -> None:
        run = self._connection.execute
        found = run("PRAGMA application_id").fetchone()[0]
        if found not in (0, _APPLICATION_ID) or (
            found == 0 and run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        ):
            raise sqlite3.DatabaseError("the file belongs to another program")
        if found and run("PRAGMA user_version").fetchone()[0] != _VERSION:
            raise sqlite3.DatabaseError(f"made by another version of dragoman; expected version {_VERSION}")
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=NORMAL")
        run("PRAGMA cache_size=-65536")  # KiB
        run("PRAGMA mmap_size=1073741824")
        if found:
            return
        run("BEGIN IMMEDIATE")
        for statement in filter(str.strip, (_TABLES + SCHEMA).split(";\n")):
            run(statement)
        run(f"PRAGMA application_id={_APPLICATION_ID}")
        run(f"PRAGMA user_version={_VERSION}")
        run("COMMIT")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def lookup(self, src: str, *, engine: str | None = None) -> TranslationUnit | None:
        """Return the best translation of exactly this source: a person's, an aligned one, or the engine's.

        Args:
            src: source text; spelling variants that `for_model` folds are the same text.
            engine: key of the engine that would translate it; without one no machine translation is returned.

        Returns:
            The latest translation of the best kind; None when there is none.
        """
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM sources s JOIN targets t ON t.source = s.id "
            "WHERE s.pair = ? AND s.digest = ? "
            "AND (t.rank < ? OR t.engine = ?) "
            "ORDER BY t.rank, t.changed DESC, t.tgt LIMIT 1",
            (self._pair, _digest(for_model(src, lang=self._src_lang)), _MT_RANK, engine),
        ).fetchone()
        return None if row is None else _unit(row)

    def fuzzy(self, src: str, *, threshold: float = DEFAULT_THRESHOLD, limit: int = 3) -> list[Match]:
        """Return people's translations of similar sources, most similar first; no machine translation.

        Args:
            src: source text.
            threshold: least similarity in per cent.
            limit: most matches.
        """
        matches = []
        for source, similarity in self._fuzzy.search(matching_key(src), threshold=threshold, limit=limit):
            row = self._connection.execute(
                "SELECT s.src, t.tgt, t.rank FROM sources s JOIN targets t ON t.source = s.id "
                "WHERE s.id = ? AND s.pair = ? AND t.rank < ? "
                "ORDER BY t.rank, t.changed DESC, t.tgt LIMIT 1",
                (source, self._pair, _MT_RANK),
            ).fetchone()
            if row is not None:
                matches.append(Match(row[0], row[1], similarity, _origin(row[2])))
        return matches

    def add(
        self,
        units: Iterable[TranslationUnit],
        *,
        engine: str | None = None,
        default_origin: str = "",
        changed: datetime | None = None,
    ) -> Added:
        """Remember translations; consumes `units`, in transactions of some thousand.

        Args:
            units: a unit of origin "human" or "aligned" is remembered as such; "mt" only with an engine key.
                Units of other origins ("copy", "tm": nothing new) are skipped.
            engine: key of the engine that made the machine translations.
            default_origin: origin of units that name none, for instance of another tool's TMX.
            changed: date of the translations, now by default; the latest of several wins.

        Raises:
            OutputError: the file cannot be written.
        """
        date = int((changed or datetime.now(UTC)).timestamp())
        iterator = iter(units)
        total = Added()
        try:
            while batch := list(islice(iterator, _BATCH)):
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    total += self._add_batch(batch, engine, default_origin, date)
                except BaseException:
                    self._connection.execute("ROLLBACK")
                    raise
                self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise OutputError(f"cannot write the translation memory {self.path}: {error}") from error
        self._fuzzy.forget_counts()
        return total

    def units(self) -> Iterator[TranslationUnit]:
        """Yield the translations of people and aligned ones, in the order of their sources."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM sources s JOIN targets t ON t.source = s.id "
            "WHERE s.pair = ? AND t.rank < ? "
            "ORDER BY s.id, t.rank, t.changed, t.tgt",
            (self._pair, _MT_RANK),
        )
        for row in rows:
            yield _unit(row)

    def merge(self, other: "Memory") -> Added:
        """Add all that another memory of the language pair knows, machine translations and dates too."""
        rows = other._connection.execute(
            f"SELECT {_COLUMNS}, t.engine, t.changed FROM sources s "
            "JOIN targets t ON t.source = s.id WHERE s.pair = ? "
            "ORDER BY t.engine, t.changed, s.id",
            (self._pair,),
        )
        total = Added()
        while batch := rows.fetchmany(_BATCH):
            by_run: dict[tuple[str, int], list[TranslationUnit]] = {}
            for row in batch:
                by_run.setdefault((row[7], row[8]), []).append(_unit(row[:7]))
            for (engine, changed), units in by_run.items():
                total += self.add(units, engine=engine or None, changed=datetime.fromtimestamp(changed, UTC))
        return total

    def stats(self) -> MemoryStats:
        """Count what the memory holds, of all language pairs."""
        run = self._connection.execute
        by_rank = dict(run("SELECT rank, count(*) FROM targets GROUP BY rank").fetchall())
        pages, size = run("PRAGMA page_count").fetchone()[0], run("PRAGMA page_size").fetchone()[0]
        return MemoryStats(
            n_sources=run("SELECT count(*) FROM sources").fetchone()[0],
            n_human=by_rank.get(0, 0),
            n_aligned=by_rank.get(1, 0),
            n_mt=by_rank.get(_MT_RANK, 0),
            n_engines=run(
                "SELECT count(DISTINCT engine) FROM targets WHERE rank = ?", (_MT_RANK,)
            ).fetchone()[0],
            pairs=tuple(row[0] for row in run("SELECT DISTINCT pair FROM sources ORDER BY pair")),
            n_bytes=pages * size,
        )

    def optimise(self) -> None:
        """Merge the word index into one piece, worth it after a large import."""
        self._connection.execute("INSERT INTO words(words) VALUES ('optimize')")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _add_batch(
        self, batch: list[TranslationUnit], engine: str | None, default_origin: str, date: int
    ) -> Added:
        run = self._connection.execute
        n_new = n_known = n_skipped = 0
        to_index: dict[int, str] = {}
        for unit in batch:
            origin = unit.origin or default_origin
            rank = _RANKS.get(origin, _MT_RANK if origin == "mt" and engine else None)
            key = for_model(unit.src, lang=self._src_lang)
            if rank is None or not key or not unit.tgt.strip():
                n_skipped += 1
                continue
            digest = _digest(key)
            row = run(
                "SELECT id, indexed, key FROM sources WHERE pair = ? AND digest = ?", (self._pair, digest)
            ).fetchone()
            if row is None:
                folded = matching_key(unit.src)
                cursor = run(
                    "INSERT INTO sources(pair, digest, key, src) VALUES (?, ?, ?, ?)",
                    (self._pair, digest, folded, unit.src),
                )
                row = (cursor.lastrowid, 0, folded)
            source, indexed, folded = row
            if rank < _MT_RANK and not indexed:
                to_index[source] = folded
            made_by = (engine or "") if rank == _MT_RANK else ""
            if rank == _MT_RANK:  # an engine has one translation of a text
                run(
                    "DELETE FROM targets WHERE source = ? AND rank = ? AND engine = ? AND tgt != ?",
                    (source, rank, made_by, unit.tgt),
                )
            known = run(
                "UPDATE targets SET changed = max(changed, ?) "
                "WHERE source = ? AND rank = ? AND engine = ? AND tgt = ?",
                (date, source, rank, made_by, unit.tgt),
            ).rowcount
            if known:
                n_known += 1
                continue
            n_new += 1
            run(
                "INSERT INTO targets(source, engine, tgt, rank, changed, model, score, document, unit_id) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (source, made_by, unit.tgt, rank, date, unit.model, unit.score, unit.document, unit.unit_id),
            )
        if to_index:
            add_to_index(self._connection, list(to_index.items()))
            self._connection.executemany(
                "UPDATE sources SET indexed = 1 WHERE id = ?", [(key,) for key in to_index]
            )
        return Added(n_new, n_known, n_skipped)


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _primary(lang: str) -> str:
    return lang.replace("_", "-").partition("-")[0].casefold()


def _origin(rank: int) -> str:
    return next((origin for origin, known in _RANKS.items() if known == rank), "mt")


def _unit(row: tuple[str, str, int, str, float | None, str, str]) -> TranslationUnit:
    src, tgt, rank, model, score, document, unit_id = row
    return TranslationUnit(src, tgt, unit_id, document, _origin(rank), model, score)
