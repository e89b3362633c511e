"""The units of a batch job as its shards keep them until the end: JSON, a unit a line."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dragoman.corpora.provenance import Match
from dragoman.units import Flag, Severity, TranslationUnit


@dataclass(frozen=True, slots=True)
class StoredUnit:
    """A translation unit, and what the job's own files say about it.

    Attributes:
        unit: its document is the name in the job.
        risk: how urgently it wants a look.
        is_doubtful: it has an error or a warning.
        engine: key under which a translation memory learns it, "" when it does not.
        matches: people's translations of similar sources.
    """

    unit: TranslationUnit
    risk: float
    is_doubtful: bool = False
    engine: str = ""
    matches: tuple[Match, ...] = ()


def to_line(stored: StoredUnit) -> str:
    """Return the unit as a line, without its props."""
    unit = stored.unit
    row = (
        unit.src,
        unit.tgt,
        unit.unit_id,
        unit.document,
        unit.origin,
        unit.model,
        unit.score,
        [(flag.kind, flag.severity.value, flag.message) for flag in unit.flags],
        stored.risk,
        stored.is_doubtful,
        stored.engine,
        [(match.src, match.tgt, match.similarity, match.origin) for match in stored.matches],
    )
    return json.dumps(row, ensure_ascii=False) + "\n"


def from_line(line: str) -> StoredUnit:
    """Read what `to_line` wrote."""
    src, tgt, unit_id, document, origin, model, score, flags, *rest = json.loads(line)
    risk, is_doubtful, engine, matches = rest
    found = tuple(Flag(kind, Severity(severity), message) for kind, severity, message in flags)
    unit = TranslationUnit(src, tgt, unit_id, document, origin, model, score, found)
    return StoredUnit(unit, risk, is_doubtful, engine, tuple(Match(*match) for match in matches))


def read_stored(parts: Iterable[Path]) -> Iterator[StoredUnit]:
    """Yield the units of parts, in order, one by one."""
    for part in parts:
        with part.open(encoding="utf-8", newline="\n") as stream:
            yield from map(from_line, stream)
