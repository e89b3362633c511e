"""A comparison's segments as compact data for the page's script: columns, not rows; flags stored once."""

from collections.abc import Sequence

from dragoman.eval.comparison import Comparison
from dragoman.eval.results import SegmentRow


def segment_data(comparison: Comparison) -> dict[str, object]:
    """Return what the script draws rows from, ready for JSON.

    Keys: `systems`, `metrics`, `better` (1 or -1 a metric), `decimals` (a metric), `srcLang`, `tgtLang`,
    `docs` (names), `doc` (an index a unit), `ids`, `src`, `refs` (a list a reference, null where it has
    none), `hyps` (a list a system), `scores` (integers, a list a metric in a list a system; null is NaN),
    `flagTexts` ([kind, severity, message]) and `flags` (for each system {unit: indices into flagTexts}).
    """
    rows = comparison.baseline.rows
    docs = list(dict.fromkeys(row.doc_id for row in rows))
    doc_numbers = {doc: n for n, doc in enumerate(docs)}
    decimals = [_decimals(comparison, m) for m in range(len(comparison.metric_names))]
    flag_numbers: dict[tuple[str, str, str], int] = {}
    flags: list[dict[int, list[int]]] = []
    for system in comparison.systems:
        own: dict[int, list[int]] = {}
        for unit, row in enumerate(system.rows):
            for flag in dict.fromkeys(row.flags):
                key = (flag.kind, str(flag.severity), flag.message)
                own.setdefault(unit, []).append(flag_numbers.setdefault(key, len(flag_numbers)))
        flags.append(own)
    n_references = max((len(row.refs) for row in rows), default=0)
    return {
        "systems": [system.name for system in comparison.systems],
        "metrics": list(comparison.metric_names),
        "better": [1 if better else -1 for better in comparison.higher_is_better],
        "decimals": decimals,
        "srcLang": comparison.src_lang,
        "tgtLang": comparison.tgt_lang,
        "docs": docs,
        "doc": [doc_numbers[row.doc_id] for row in rows],
        "ids": [row.seg_id for row in rows],
        "src": [row.src for row in rows],
        "refs": [[row.refs[r] for row in rows] for r in range(n_references)],
        "hyps": [[row.hyp for row in system.rows] for system in comparison.systems],
        "scores": [_score_columns(system.rows, decimals) for system in comparison.systems],
        "flagTexts": list(flag_numbers),
        "flags": flags,
    }


def _decimals(comparison: Comparison, metric: int) -> int:
    """Return digits after the point: one for percentages, three for a scale of about one (COMET)."""
    scores = (abs(row.scores[metric]) for system in comparison.systems for row in system.rows)
    return 3 if max(scores, default=0.0) <= 1.5 else 1


def _score_columns(rows: Sequence[SegmentRow], decimals: Sequence[int]) -> list[list[int | None]]:
    return [
        [round(row.scores[m] * 10**digits) if row.scores[m] == row.scores[m] else None for row in rows]
        for m, digits in enumerate(decimals)
    ]
