"""The end of a batch job: what the shards have written is joined, and the job's own files are made.

`errors.tsv`, `notices.tsv`, `set_apart.tsv`, `review.tsv` (doubtful segments, riskiest first), `review.html`
and `review.docx` (the two languages side by side), `summary.json`, and what was exported. A file that would
be the same is left alone, so that going on with a finished job touches nothing. Memory does not grow with
the job.
"""

import hashlib
import heapq
import json
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import numpy as np

from dragoman.corpora.memory import Memory
from dragoman.corpora.omegat import write_project
from dragoman.corpora.provenance import HUMAN
from dragoman.corpora.review import write_review_docx, write_review_html
from dragoman.files import atomic_binary, atomic_text, write_text
from dragoman.translate.glossary import read_glossary
from dragoman.translate.ledger import Ledger, Row
from dragoman.translate.results import APART, OMEGAT, PARTS, UNITS, cell
from dragoman.translate.stored_units import StoredUnit, read_stored
from dragoman.units import Bitext, Severity, TranslationUnit

MAX_REVIEWED = 5000  # rows of a table that word processors and browsers still scroll without a pause
_REVIEW_COLUMNS = ("risk", "document", "segment", "flags", "source", "translation")
_APART_COLUMNS = "document\tstart\tend\treason\ttext\n"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a job came to.

    Attributes:
        n_documents: documents planned.
        n_done: documents translated.
        n_failed: documents with an error row.
        n_segments: segments translated.
        n_errors: segments with an error flag.
        n_warnings: segments with a warning flag and no error.
    """

    n_documents: int = 0
    n_done: int = 0
    n_failed: int = 0
    n_segments: int = 0
    n_errors: int = 0
    n_warnings: int = 0

    @property
    def n_open(self) -> int:
        """Documents that nothing has been done about."""
        return self.n_documents - self.n_done - self.n_failed


def summarise(ledger: Ledger) -> Summary:
    """Add up the markers of a job, finished or not."""
    counts = dict.fromkeys(Summary.__slots__, 0)
    for shard in ledger.shards():
        counts["n_documents"] += len(shard.sources)
        marker = ledger.done(shard.index)
        for row in marker.rows if marker else ():
            counts["n_failed" if row.error else "n_done"] += 1
            counts["n_segments"] += row.n_segments
            counts["n_errors"] += row.n_errors
            counts["n_warnings"] += row.n_warnings
    return Summary(**counts)


def finish(ledger: Ledger) -> Summary:
    """Join what the shards have written and write the job's own files; the same bytes every time.

    The caller holds the ledger's lock.
    """
    ledger.clean()
    configuration = ledger.configuration()
    indices = [shard.index for shard in ledger.shards()]
    folder = ledger.out / PARTS
    names = dict.fromkeys(
        path.relative_to(folder / f"{index:06d}").as_posix()
        for index in indices
        for path in sorted((folder / f"{index:06d}").rglob("*"))
        if path.is_file()
    )
    for name in names:
        if name == UNITS:
            continue
        with atomic_text(ledger.out / name, keep_equal=True) as stream:
            stream.write(_APART_COLUMNS if name == APART else "")
            for part in _parts(folder, indices, name):
                stream.write(part.read_text(encoding="utf-8"))
    units = _parts(folder, indices, UNITS)
    _write_reviews(units, ledger)
    if configuration["memory"]:
        _remember(units, Path(configuration["memory"]), ledger)
    if configuration.get("export") == OMEGAT:
        _write_omegat(units, ledger.out / OMEGAT, configuration["glossary"])
    with atomic_text(ledger.out / "errors.tsv", keep_equal=True) as stream:
        stream.write("document\treason\n")
        for row in failures(ledger):
            stream.write(f"{cell(row.name)}\t{cell(row.error)}\n")
    with atomic_text(ledger.out / "notices.tsv", keep_equal=True) as stream:
        stream.write("document\tnotice\n")
        for row in _rows(ledger):
            stream.writelines(f"{cell(row.name)}\t{cell(notice)}\n" for notice in row.notices)
    summary = summarise(ledger)
    content = {name: getattr(summary, name) for name in Summary.__slots__}
    text = json.dumps({**content, "configuration": configuration}, ensure_ascii=False, indent=1)
    write_text(ledger.out / "summary.json", text + "\n", keep_equal=True)
    return summary


def failures(ledger: Ledger) -> Iterator[Row]:
    """Return the rows of the documents that failed, in order."""
    return (row for row in _rows(ledger) if row.error)


def _rows(ledger: Ledger) -> Iterator[Row]:
    for shard in ledger.shards():
        marker = ledger.done(shard.index)
        yield from marker.rows if marker else ()


def _parts(folder: Path, indices: Sequence[int], name: str) -> list[Path]:
    return [path for index in indices if (path := folder / f"{index:06d}" / name).is_file()]


def _write_reviews(parts: Sequence[Path], ledger: Ledger) -> None:
    """Write the list of doubtful units, the riskiest first, and the tables of units, in order.

    Held in memory are two numbers a doubtful unit and the units of the tables.
    """
    risks, offsets = array("d"), array("q")
    riskiest: list[tuple[float, int, TranslationUnit]] = []
    n_units = 0
    # Gone with this process, however that ends.
    with tempfile.TemporaryFile(dir=ledger.folder) as lines:
        for n_units, stored in enumerate(read_stored(parts), 1):
            entry = (stored.risk, -n_units, stored.unit)  # never are two units compared
            if n_units <= MAX_REVIEWED:
                heapq.heappush(riskiest, entry)
            else:
                heapq.heappushpop(riskiest, entry)
            if stored.is_doubtful:
                risks.append(stored.risk)
                offsets.append(lines.tell())
                lines.write(_review_line(stored).encode("utf-8", "replace"))
        with atomic_binary(ledger.out / "review.tsv", keep_equal=True) as out:
            out.write(("\t".join(_REVIEW_COLUMNS) + "\n").encode())
            for i in np.argsort(-np.asarray(risks), kind="stable"):
                lines.seek(offsets[i])
                out.write(lines.readline())
    in_order = sorted(riskiest, key=lambda entry: -entry[1])
    bitext = Bitext(tuple(unit for _, _, unit in in_order))
    note = (
        f"The {len(in_order):,} riskiest of {n_units:,} segments, in the order of the documents. "
        "review.tsv lists all doubtful ones; all segments are in the documents' own files."
        if len(in_order) < n_units
        else ""
    )
    for name, write in (("review.html", write_review_html), ("review.docx", write_review_docx)):
        with atomic_binary(ledger.out / name, keep_equal=True) as stream:
            write(bitext, stream, title="Translations for review", note=note)


def _review_line(stored: StoredUnit) -> str:
    unit = stored.unit
    flags = "; ".join(flag.message for flag in unit.flags if flag.severity is not Severity.INFO)
    cells = (f"{stored.risk:.2f}", unit.document, unit.unit_id, flags, unit.src, unit.tgt)
    return "\t".join(map(cell, cells)) + "\n"


def _remember(parts: Sequence[Path], path: Path, ledger: Ledger) -> None:
    """Put the machine translations of a finished job into its translation memory, once."""
    digest = hashlib.sha256()
    for shard in ledger.shards():
        if (marker := ledger.marker(shard.index)).is_file():
            digest.update(marker.read_bytes())
    note = ledger.folder / "remembered"
    if path.is_file() and note.is_file() and note.read_text(encoding="utf-8") == digest.hexdigest():
        return
    learnt = (stored for stored in read_stored(parts) if stored.engine)
    with Memory(path) as memory:
        for engine, group in groupby(learnt, key=attrgetter("engine")):
            memory.add((replace(stored.unit, flags=()) for stored in group), engine=engine)
    write_text(note, digest.hexdigest())


def _write_omegat(parts: Sequence[Path], folder: Path, glossary: str) -> None:
    terms = read_glossary(glossary).terms if glossary else ()
    write_project(
        folder,
        machine=(stored.unit for stored in read_stored(parts) if stored.unit.origin != "tm"),
        human=_human(read_stored(parts)),
        terms={term.src: term.targets[0] for term in terms},
        update=True,
    )


def _human(units: Iterator[StoredUnit]) -> Iterator[TranslationUnit]:
    """Yield what people have made, of the units themselves and of similar ones, each once."""
    seen: set[bytes] = set()
    for stored in units:
        unit = stored.unit
        found = [replace(unit, origin=HUMAN, flags=())] if unit.origin == "tm" else []
        found += [TranslationUnit(match.src, match.tgt, origin=HUMAN) for match in stored.matches]
        for one in found:
            key = hashlib.blake2b(f"{one.src}\n{one.tgt}".encode("utf-8", "replace"), digest_size=8).digest()
            if key not in seen:
                seen.add(key)
                yield one
