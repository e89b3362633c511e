"""Scores and comparisons as text, Markdown, TSV, LaTeX and JSON.

Every rendering carries signature, mode and coverage with the figures: in text, Markdown and LaTeX below the
table, in TSV and JSON beside each score.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from dragoman.eval.comparison import Breakdown, Comparison, PairedResult, SystemResult
from dragoman.eval.results import Coverage, MetricScore, ScoreReport
from dragoman.units import Notice

FORMATS = ("text", "json", "md", "tsv", "latex")

_TESTS = {"bs": "paired bootstrap", "ar": "approximate randomisation"}
_TSV_COLUMNS = [
    "system",
    "metric",
    "score",
    "mean",
    "half_width",
    "delta",
    "p_value",
    "group",
    "mode",
    "coverage",
    "signature",
]
_LATEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
)


def render_reports(reports: Sequence[ScoreReport], form: str = "text", width: int = 1) -> str:
    """Render the reports of one system (several modes side by side) or of several.

    Args:
        reports: at least one.
        form: one of `FORMATS`.
        width: decimal places.
    """
    if form == "json":
        shown = [report_as_json(report) for report in reports]
        return json.dumps(shown[0] if len(shown) == 1 else shown, ensure_ascii=False, indent=1) + "\n"
    if form == "tsv":
        lines = [_tsv_line(report.system, metric, width) for report in reports for metric in report.metrics]
        return _tsv(lines)
    if form == "text":
        return "".join(f"{metric.line(width)}\n" for report in reports for metric in report.metrics)
    names = list(dict.fromkeys(metric.name for report in reports for metric in report.metrics))
    header = ["System", "Mode", *names]
    rows = [
        [
            report.system or "–",
            str(report.mode),
            *(next((_figure(m, width) for m in report.metrics if m.name == name), "–") for name in names),
        ]
        for report in reports
    ]
    notes = [f"{metric.name}: {_terms(metric)}" for report in reports for metric in report.metrics]
    return _table(header, rows, notes, form)


def render_comparison_table(comparison: Comparison, form: str = "text", width: int = 1) -> str:
    """Render a comparison.

    Args:
        comparison: the systems.
        form: one of `FORMATS`.
        width: decimal places.
    """
    if form == "json":
        return json.dumps(comparison_as_json(comparison), ensure_ascii=False, indent=1) + "\n"
    if form == "tsv":
        return _tsv(
            _tsv_line(system.name, metric, width, paired_on(system, metric.name), system.ranks[i])
            for system in comparison.systems
            for i, metric in enumerate(system.report.metrics)
        )
    header = ["System", *comparison.metric_names]
    rows = []
    for system in comparison.systems:
        cells = [system.name]
        for i, metric in enumerate(system.report.metrics):
            paired = paired_on(system, metric.name)
            cell = _figure(metric, width)
            if paired is not None:
                cell += f" p={paired.p_value:.4f}" + ("*" if paired.is_significant else "")
            cells.append(f"{cell} [{system.ranks[i]}]" if system.ranks else cell)
        rows.append(cells)
    notes = [f"{metric.name}: {_terms(metric)}" for metric in comparison.baseline.report.metrics]
    if comparison.test:
        notes.append(
            f"p: {_TESTS[comparison.test]} against {comparison.baseline.name}, "
            f"{comparison.n_samples} samples, seed {comparison.seed}; * p < 0.05; "
            "[group]: systems of one group are not told apart"
        )
    return _table(header, rows, notes, form) + _regressions(comparison, form)


def report_as_json(report: ScoreReport, *, with_segments: bool = True) -> dict[str, object]:
    """Turn a report into JSON's types; every metric carries its signature, mode and coverage.

    Args:
        report: scores of one system.
        with_segments: put the scored units in.
    """
    value: dict[str, object] = {
        "system": report.system,
        "metrics": [_metric_as_json(metric) for metric in report.metrics],
        "data_digest": report.data_digest,
        "inputs": [asdict(file) for file in report.inputs],
        "notices": [_notice_as_json(notice) for notice in report.notices],
        "excluded": [asdict(item) for item in report.excluded],
    }
    if with_segments:
        value["segments"] = [asdict(row) for row in report.segments]
    return value


def comparison_as_json(comparison: Comparison) -> dict[str, object]:
    """Turn a comparison into JSON's types, segments included."""
    return {
        "title": comparison.title,
        "mode": str(comparison.mode),
        "coverage": _coverage_as_json(comparison.coverage),
        "test": comparison.test,
        "n_samples": comparison.n_samples,
        "seed": comparison.seed,
        "systems": [
            {
                "name": system.name,
                "groups": list(system.ranks),
                "paired": [asdict(paired) for paired in system.paired],
                "flags": [{"kind": k, "severity": s, "segments": n} for k, s, n in system.flag_counts],
                "settings": dict(system.settings),
                **report_as_json(system.report),
            }
            for system in comparison.systems
        ],
        "regressions": [
            {"system": system.name, **asdict(paired)} for system, paired in comparison.regressions()
        ],
        "breakdowns": [_breakdown_as_json(breakdown, comparison) for breakdown in comparison.breakdowns],
        "ngrams": [asdict(difference) for difference in comparison.ngrams],
        "correlations": [asdict(correlation) for correlation in comparison.correlations],
        "excluded": [asdict(item) for item in comparison.excluded],
        "notices": [_notice_as_json(notice) for notice in comparison.notices],
        "inputs": [asdict(file) for file in comparison.inputs],
        "versions": dict(comparison.versions),
    }


def paired_on(system: SystemResult, metric: str) -> PairedResult | None:
    """Return a system's test on one metric, None for the baseline and for untested metrics."""
    return next((paired for paired in system.paired if paired.metric == metric), None)


def _metric_as_json(metric: MetricScore) -> dict[str, object]:
    value: dict[str, object] = {
        "name": metric.name,
        "score": metric.score,
        "signature": metric.signature,
        "mode": str(metric.mode),
        "coverage": _coverage_as_json(metric.coverage),
        "higher_is_better": metric.higher_is_better,
    }
    if metric.interval is not None:
        value["interval"] = asdict(metric.interval)
    if metric.bleu is not None:
        value["bleu"] = {**asdict(metric.bleu), "ratio": metric.bleu.ratio}
    return value


def _coverage_as_json(coverage: Coverage) -> dict[str, object]:
    return {
        "units": coverage.n_units,
        "hypothesis": asdict(coverage.hypothesis),
        "references": [asdict(share) for share in coverage.references],
    }


def _breakdown_as_json(breakdown: Breakdown, comparison: Comparison) -> Mapping[str, object]:
    names = [system.name for system in comparison.systems]
    return {
        "slug": breakdown.slug,
        "title": breakdown.title,
        "value": breakdown.value,
        "item": breakdown.item,
        "note": breakdown.note,
        "buckets": [
            {"label": b.label, "items": b.n_items, "values": dict(zip(names, b.values, strict=True))}
            for b in breakdown.buckets
        ],
    }


def _notice_as_json(notice: Notice) -> dict[str, str]:
    return {"kind": notice.kind, "severity": str(notice.severity), "message": notice.message}


def _figure(metric: MetricScore, width: int) -> str:
    shown = f"{metric.score:.{width}f}"
    return shown if metric.interval is None else f"{shown} ± {metric.interval.half_width:.{width}f}"


def _terms(metric: MetricScore) -> str:
    """What must stand beside a figure."""
    return f"{metric.signature}|mode:{metric.mode}|cov:{metric.coverage}"


def _tsv_line(
    system: str, metric: MetricScore, width: int, paired: PairedResult | None = None, group: int | None = None
) -> list[str]:
    interval = metric.interval
    return [
        system,
        metric.name,
        f"{metric.score:.{width}f}",
        "" if interval is None else f"{interval.mean:.{width}f}",
        "" if interval is None else f"{interval.half_width:.{width}f}",
        "" if paired is None else f"{paired.delta:.{width}f}",
        "" if paired is None else f"{paired.p_value:.4f}",
        "" if group is None else str(group),
        str(metric.mode),
        str(metric.coverage),
        metric.signature,
    ]


def _tsv(rows: Iterable[Sequence[str]]) -> str:
    return "".join("\t".join(row) + "\n" for row in (_TSV_COLUMNS, *rows))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str], form: str) -> str:
    if form == "md":
        lines: list[Sequence[str]] = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
        table = "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in lines)
        return table + "\n" + "".join(f"- `{note}`\n" for note in notes)
    if form == "latex":
        body = "".join(" & ".join(_tex(cell) for cell in row) + r" \\" + "\n" for row in rows)
        head = " & ".join(_tex(cell) for cell in header) + r" \\" + "\n"
        rules = f"\\toprule\n{head}\\midrule\n{body}\\bottomrule\n"
        table = f"\\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}\n{rules}\\end{{tabular}}\n"
        return table + "".join(f"\\par\\noindent\\footnotesize {_tex(note)}\n" for note in notes)
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    aligned = [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in [header, *rows]
    ]
    return "\n".join([*aligned, "", *notes]) + "\n"


def _tex(text: str) -> str:
    return text.translate(_LATEX).replace("±", r"$\pm$").replace("–", "--").replace("|", r"\textbar{}")


def _regressions(comparison: Comparison, form: str) -> str:
    if form != "text":
        return ""
    return "".join(
        f"LOSS {system.name}: {paired.metric} {paired.delta:+.2f} against {comparison.baseline.name}, p = "
        f"{paired.p_value:.4f}\n"
        for system, paired in comparison.regressions()
    )
