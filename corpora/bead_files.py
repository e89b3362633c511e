"""Beads in files: the ladder of alignment benchmarks, tab-separated text, JSON lines, an HTML table.

A ladder is what Vecalign, Bertalign and the benchmarks read and write: a bead a line, `0,1:2` or `[0,
1]:[2]:cost`, numbers of sentences from 0, nothing on a side that is empty.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dragoman.errors import FormatError
from dragoman.units import Bead, TranslationUnit

Span = tuple[tuple[int, ...], tuple[int, ...]]
"""Numbers of the source and target sentences of a bead; gold beads need not be contiguous."""

_LINE = re.compile(r"\[?([\d, ]*)\]?:\[?([\d, ]*)\]?(?::.*)?")


def read_ladder(path: Path) -> list[Span]:
    """Read a ladder, or the gold beads of a benchmark.

    Raises:
        FormatError: a line is not a bead.
    """
    spans = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        if not found:
            raise FormatError(f"{path}:{number}: expected a bead such as 0,1:2, found {line[:40]!r}")
        src, tgt = (tuple(int(n) for n in side.replace(" ", "").split(",") if n) for side in found.groups())
        spans.append((src, tgt))
    return spans


def bead_spans(beads: Iterable[Bead]) -> list[Span]:
    """Return the sentence numbers of beads."""
    return [(tuple(bead.src), tuple(bead.tgt)) for bead in beads]


def bead_units(
    beads: Sequence[Bead], src: Sequence[str], tgt: Sequence[str], document: str = ""
) -> Iterator[TranslationUnit]:
    """Join the sentences of each bead into a translation unit; its score is the bead's confidence."""
    for number, bead in enumerate(beads):
        yield TranslationUnit(
            " ".join(src[i] for i in bead.src),
            " ".join(tgt[j] for j in bead.tgt),
            unit_id=str(number),
            document=document,
            origin="aligned",
            score=bead.confidence,
            props=(("bead", bead.kind), ("monotone", "yes" if bead.monotone else "no")),
        )


def ladder_lines(beads: Iterable[Bead]) -> Iterator[str]:
    """Write beads as `0,1:2:0.973` (sentences, sentences, confidence)."""
    for bead in beads:
        yield f"{','.join(map(str, bead.src))}:{','.join(map(str, bead.tgt))}:{bead.confidence:.3f}"


def tsv_lines(beads: Iterable[Bead], src: Sequence[str], tgt: Sequence[str]) -> Iterator[str]:
    """Write beads as columns: source numbers, target numbers, confidence, source text, target text."""
    for bead in beads:
        texts = (" ".join(side[i] for i in span) for side, span in ((src, bead.src), (tgt, bead.tgt)))
        columns = (
            ",".join(map(str, bead.src)),
            ",".join(map(str, bead.tgt)),
            f"{bead.confidence:.3f}",
            *texts,
        )
        yield "\t".join(" ".join(column.split()) for column in columns)


def jsonl_lines(beads: Iterable[Bead], src: Sequence[str], tgt: Sequence[str]) -> Iterator[str]:
    """Write each bead as a JSON object with its sentences."""
    for bead in beads:
        yield json.dumps(
            {
                "src": list(bead.src),
                "tgt": list(bead.tgt),
                "score": round(bead.score, 4),
                "confidence": round(bead.confidence, 4),
                "monotone": bead.monotone,
                "src_text": [src[i] for i in bead.src],
                "tgt_text": [tgt[j] for j in bead.tgt],
            },
            ensure_ascii=False,
        )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 16px/1.5 sans-serif; margin: 2em auto; max-width: 70em; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ border-bottom: 1px solid #ccc; padding: .3em .6em; vertical-align: top; text-align: start; }}
.doubt {{ background: #fff3cd; }} .moved {{ background: #e2e3ff; }} .alone {{ color: #666; }}
</style></head><body><h1>{title}</h1>
<table><thead><tr><th>Bead</th><th>Confidence</th><th>Source</th><th>Target</th></tr></thead><tbody>
"""


def html_lines(beads: Iterable[Bead], src: Sequence[str], tgt: Sequence[str], title: str) -> Iterator[str]:
    """Write beads as a page with a table; texts are escaped and take their direction from their letters."""
    yield _PAGE.format(title=html.escape(title)).rstrip("\n")
    for bead in beads:
        kind = "alone" if not (bead.src and bead.tgt) else "" if bead.monotone else "moved"
        if not kind and bead.confidence < 0.5:
            kind = "doubt"
        cells = "".join(
            '<td dir="auto">' + "<br>".join(html.escape(side[i]) for i in span) + "</td>"
            for side, span in ((src, bead.src), (tgt, bead.tgt))
        )
        yield f'<tr class="{kind}"><td>{bead.kind}</td><td>{bead.confidence:.2f}</td>{cells}</tr>'
    yield "</tbody></table></body></html>"
