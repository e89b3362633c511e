"""The files that a shard of a batch job writes for its documents.

For a document `folder/name.docx`: `folder/name.en.docx`, a document of the same kind, and, unless it is
bilingual itself, `folder/name.docx.xlf` (XLIFF 1.2 for the CAT tool). For the rows of `name.jsonl`: rows of
`name.en.jsonl`, in order, with an "error" where there is no translation. What all shards have a share in is
written to parts, which `dragoman.translate.joining` joins; the units of all documents are one of them.
Nothing holds a time, so that a job done twice gives the same bytes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from dragoman.corpora.omegat import source_file
from dragoman.corpora.xliff import write_xliff
from dragoman.translate.documents import rebuild
from dragoman.translate.ledger import Row, Shard, Source
from dragoman.translate.qa import risk_of
from dragoman.translate.stored_units import StoredUnit, to_line
from dragoman.translate.translated import Translated
from dragoman.units import Bitext, Hypothesis, Origin, Role, Severity

OUTPUTS_VERSION = 3  # goes up when the same inputs give other files
PARTS = ".dragoman/parts"
UNITS = "units.jsonl"  # the part that holds all units; what it is joined to is written by `joining`
OMEGAT = "omegat"
APART = "set_apart.tsv"  # the part that lists what is no part of an article
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BILINGUAL = frozenset({".xlf", ".xliff", ".tmx"})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document has no translation, in one line."""

    reason: str


def write_shard(
    shard: Shard, results: Sequence[Translated | Failure], folder: Path, *, export: str = ""
) -> tuple[Row, ...]:
    """Write a shard's results below a folder that has OUT's shape.

    Args:
        shard: the documents.
        results: what became of each.
        folder: is there and empty.
        export: "omegat" for a project's source files as well.

    Returns:
        A row a document, in the shard's order.
    """
    parts = folder / PARTS / f"{shard.index:06d}"
    rows: list[Row] = []
    joined: dict[str, list[str]] = {}
    for source, found in zip(shard.sources, results, strict=True):
        result, outputs = found, tuple[str, ...]()
        if isinstance(result, Translated) and source.offset < 0:
            result, outputs = _write_document(source, result, folder)
        if source.offset >= 0:
            name, _, row_id = source.name.rpartition("#")
            joined.setdefault(_translated_name(name), []).append(_json_row(row_id, result))
        if isinstance(result, Failure):
            rows.append(Row(source.name, error=result.reason))
            continue
        worst = [_worst(hypothesis) for hypothesis in result.hypotheses]
        rows.append(
            Row(
                source.name,
                outputs=outputs,
                n_segments=len(worst),
                n_errors=worst.count(Severity.ERROR),
                n_warnings=worst.count(Severity.WARNING),
                notices=tuple(
                    notice.message.removeprefix(f"{result.document.name}: ")
                    for notice in result.document.notices
                    if notice.severity is not Severity.INFO
                ),
            )
        )
        joined.setdefault(APART, []).extend(_apart(source.name, result))
        bitext = result.bitext()
        joined.setdefault(UNITS, []).extend(map(to_line, _stored(source.name, result, bitext)))
        if export == OMEGAT and source.offset >= 0:
            name = f"{OMEGAT}/source/{source.name.rpartition('#')[0]}.txt"
            joined.setdefault(name, []).append(f"{result.document.text.strip()}\n\n")
        elif export == OMEGAT:
            name, data = source_file(source.name, result.original, bitext)
            path = folder / OMEGAT / "source" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    for name, lines in joined.items():
        path = parts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return tuple(rows)


def _write_document(source: Source, result: Translated, folder: Path) -> tuple[Translated, tuple[str, ...]]:
    """Write a document's files; return it with the flags that came up, and the files' names."""
    same_kind = _translated_name(source.name)
    path = folder / same_kind
    path.parent.mkdir(parents=True, exist_ok=True)
    if result.template is None:
        path.write_text(result.text(), encoding="utf-8", newline="\n")
    else:
        result, data = rebuild(result, result.template)
        path.write_bytes(data)
        if path.suffix.lower() in _BILINGUAL:
            return result, (same_kind,)
    names = (same_kind, f"{source.name}.xlf")
    with (folder / names[1]).open("wb") as stream:
        write_xliff(result.bitext(), stream, original=source.name, matches=result.matches)
    return result, names


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


def _stored(name: str, result: Translated, bitext: Bitext) -> list[StoredUnit]:
    """Return a document's units as they are kept until the job is finished."""
    return [
        StoredUnit(
            replace(unit, document=name, props=()),
            risk=round(risk_of(hypothesis.flags, hypothesis.mean_logprob), 2),
            is_doubtful=_worst(hypothesis) is not None,
            engine=result.engine if _is_learnt(hypothesis) else "",
            matches=tuple(result.matches.get(i, ())),
        )
        for i, (unit, hypothesis) in enumerate(zip(bitext.units, result.hypotheses, strict=True))
    ]


def _apart(name: str, result: Translated) -> Iterator[str]:
    """Yield a row for each line of an article that was set apart; offsets count code points of its text."""
    text = result.document.text
    for line in result.document.lines:
        if line.role is Role.BOILERPLATE:
            content = text[line.start : line.end]
            yield f"{cell(name)}\t{line.start}\t{line.end}\t{cell(line.reason)}\t{cell(content)}\n"


def cell(text: str) -> str:
    """Return text on one line that no spreadsheet takes for a formula."""
    joined = " ".join(text.split())
    return f"'{joined}" if joined.startswith(_FORMULA) else joined


def _is_learnt(hypothesis: Hypothesis) -> bool:
    """Tell whether the model has made it now and nothing speaks against its being remembered."""
    is_new = hypothesis.origin is Origin.MT and hypothesis.n_src_tokens > 0
    return is_new and _worst(hypothesis) is not Severity.ERROR


def _worst(hypothesis: Hypothesis) -> Severity | None:
    found = {flag.severity for flag in hypothesis.flags}
    return next((severity for severity in (Severity.ERROR, Severity.WARNING) if severity in found), None)
