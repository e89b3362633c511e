"""The files of a batch job: what a shard writes for its documents, and what is joined when all are done.

For a document `folder/name.docx`: `folder/name.en.docx`, a document of the same kind, and, unless it is
bilingual itself, `folder/name.docx.xlf` (XLIFF 1.2 for the CAT tool). For the rows of `name.jsonl`: rows of
`name.en.jsonl`, in order, with an "error" where there is no translation. For the job: `errors.tsv`,
`review.tsv` (flagged segments, riskiest first), `summary.json`.
Nothing holds a time, so that a job done twice gives the same bytes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath

from dragoman.corpora.memory import Memory
from dragoman.corpora.xliff import write_xliff
from dragoman.files import atomic_text, write_text
from dragoman.translate.documents import rebuild
from dragoman.translate.ledger import Ledger, Row, Shard, Source
from dragoman.translate.qa import risk_of
from dragoman.translate.translated import Translated
from dragoman.units import Hypothesis, Origin, Severity, TranslationUnit

OUTPUTS_VERSION = 1  # goes up when the same inputs give other files
_PARTS = ".dragoman/parts"
_REVIEW = "review.tsv"
_MEMORY = "memory.jsonl"  # what the job's translation memory learns when all is done
_REVIEW_COLUMNS = ("risk", "document", "segment", "flags", "source", "translation")
_BILINGUAL = frozenset({".xlf", ".xliff", ".tmx"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document has no translation, in one line."""

    reason: str


def write_shard(shard: Shard, results: Sequence[Translated | Failure], folder: Path) -> tuple[Row, ...]:
    """Write a shard's results below a folder that has OUT's shape.

    Returns:
        A row a document, in the shard's order.
    """
    parts = folder / _PARTS / f"{shard.index:06d}"
    rows: list[Row] = []
    joined: dict[str, list[str]] = {}
    for source, result in zip(shard.sources, results, strict=True):
        if source.offset >= 0:
            name, _, row_id = source.name.rpartition("#")
            joined.setdefault(_translated_name(name), []).append(_json_row(row_id, result))
        if isinstance(result, Failure):
            rows.append(Row(source.name, error=result.reason))
            continue
        outputs = () if source.offset >= 0 else _write_document(source, result, folder)
        worst = [_worst(hypothesis) for hypothesis in result.hypotheses]
        rows.append(
            Row(
                source.name,
                outputs=outputs,
                n_segments=len(worst),
                n_errors=worst.count(Severity.ERROR),
                n_warnings=worst.count(Severity.WARNING),
            )
        )
        joined.setdefault(_REVIEW, []).extend(_review_lines(source.name, result))
        if result.engine:
            joined.setdefault(_MEMORY, []).extend(_memory_lines(result))
    for name, lines in joined.items():
        path = parts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return tuple(rows)


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
    """Join what the shards have written and write the job's own files; the same bytes every time."""
    indices = [shard.index for shard in ledger.shards()]
    folder = ledger.out / _PARTS
    names = dict.fromkeys(
        path.relative_to(folder / f"{index:06d}").as_posix()
        for index in indices
        for path in sorted((folder / f"{index:06d}").rglob("*"))
        if path.is_file()
    )
    for name in names:
        parts = [path for index in indices if (path := folder / f"{index:06d}" / name).is_file()]
        if name == _REVIEW:
            _join_review(parts, ledger.out / name)
            continue
        if name == _MEMORY:
            _remember(parts, Path(ledger.configuration()["memory"]))
            continue
        with atomic_text(ledger.out / name) as stream:
            for part in parts:
                stream.write(part.read_text(encoding="utf-8"))
    with atomic_text(ledger.out / "errors.tsv") as stream:
        stream.write("document\treason\n")
        for row in failures(ledger):
            stream.write(f"{_cell(row.name)}\t{_cell(row.error)}\n")
    summary = summarise(ledger)
    content = {name: getattr(summary, name) for name in Summary.__slots__}
    content["configuration"] = ledger.configuration()
    write_text(ledger.out / "summary.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return summary


def failures(ledger: Ledger) -> Iterator[Row]:
    """Yield the rows of the documents that failed, in order."""
    for shard in ledger.shards():
        marker = ledger.done(shard.index)
        yield from (row for row in (marker.rows if marker else ()) if row.error)


def _write_document(source: Source, result: Translated, folder: Path) -> tuple[str, ...]:
    same_kind = _translated_name(source.name)
    path = folder / same_kind
    path.parent.mkdir(parents=True, exist_ok=True)
    if result.template is None:
        path.write_text(result.text(), encoding="utf-8", newline="\n")
    else:
        path.write_bytes(rebuild(result, result.template))
        if path.suffix.lower() in _BILINGUAL:
            return (same_kind,)
    names = (same_kind, f"{source.name}.xlf")
    with (folder / names[1]).open("wb") as stream:
        write_xliff(result.bitext(), stream, original=source.name, matches=result.matches)
    return names


def _translated_name(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}.en{path.suffix}"))


def _json_row(row_id: str, result: Translated | Failure) -> str:
    row: dict[str, object] = {"id": row_id}
    if isinstance(result, Failure):
        row["error"] = result.reason
    else:
        row["text"] = result.text().rstrip("\n")
        row["segments"] = [
            {
                "src": segment.text,
                "tgt": hypothesis.text,
                "origin": str(hypothesis.origin),
                "logprob": None if hypothesis.logprob is None else round(hypothesis.logprob, 4),
                "flags": [flag.kind for flag in hypothesis.flags],
            }
            for segment, hypothesis in zip(result.segments, result.hypotheses, strict=True)
        ]
    return json.dumps(row, ensure_ascii=False) + "\n"


def _worst(hypothesis: Hypothesis) -> Severity | None:
    found = {flag.severity for flag in hypothesis.flags}
    return next((severity for severity in (Severity.ERROR, Severity.WARNING) if severity in found), None)


def _review_lines(name: str, result: Translated) -> Iterator[str]:
    """Yield a line for each segment with an error or a warning."""
    for number, (segment, hypothesis) in enumerate(zip(result.segments, result.hypotheses, strict=True), 1):
        if _worst(hypothesis) is None:
            continue
        risk = risk_of(hypothesis.flags, hypothesis.mean_logprob)
        flags = "; ".join(flag.message for flag in hypothesis.flags if flag.severity is not Severity.INFO)
        cells = (f"{risk:.2f}", name, f"s{number}", flags, segment.text, hypothesis.text)
        yield "\t".join(map(_cell, cells)) + "\n"


def _memory_lines(result: Translated) -> Iterator[str]:
    """Yield what the model has made now and nothing speaks against."""
    for unit, hypothesis in zip(result.bitext().units, result.hypotheses, strict=True):
        is_new = hypothesis.origin is Origin.MT and hypothesis.n_src_tokens > 0
        if is_new and _worst(hypothesis) is not Severity.ERROR:
            kept = replace(unit, flags=(), props=())
            yield json.dumps({"engine": result.engine, "unit": asdict(kept)}, ensure_ascii=False) + "\n"


def _remember(parts: Sequence[Path], path: Path) -> None:
    """Put the machine translations of a finished job into its translation memory."""
    with Memory(path) as memory:
        for part in parts:
            rows = [json.loads(line) for line in part.read_text(encoding="utf-8").split("\n") if line]
            for engine, group in groupby(rows, key=itemgetter("engine")):
                memory.add((TranslationUnit(**row["unit"]) for row in group), engine=engine)


def _join_review(parts: Sequence[Path], target: Path) -> None:
    """Join the shards' lists, the riskiest first; only a number a line is held in memory."""
    places: list[tuple[float, int, int]] = []
    for number, part in enumerate(parts):
        offset = 0
        with part.open("rb") as stream:
            for line in stream:
                places.append((-float(line.split(b"\t", 1)[0]), number, offset))
                offset += len(line)
    places.sort()
    with atomic_text(target) as out:
        out.write("\t".join(_REVIEW_COLUMNS) + "\n")
        for _, number, offset in places:
            with parts[number].open("rb") as stream:
                stream.seek(offset)
                out.write(stream.readline().decode("utf-8"))


def _cell(text: str) -> str:
    """Return text on one line that no spreadsheet takes for a formula."""
    cell = " ".join(text.split())
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
