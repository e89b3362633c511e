"""The page that compares systems: from the frozen comparison to what its template draws."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from dragoman.eval import charts
from dragoman.eval.comparison import Comparison, SystemResult
from dragoman.eval.report_data import segment_data
from dragoman.eval.report_page import embed_json, render_page

_TESTS = {"bs": "paired bootstrap", "ar": "paired approximate randomisation"}
# More parts than this make a table but no chart.
_MAX_PARTS_DRAWN = 14
_N_NGRAMS = 24


@dataclass(frozen=True, slots=True)
class _Cell:
    """One system's score on one metric."""

    score: str
    half_width: str
    rank: int | None
    is_best: bool
    delta: str
    p_value: str
    verdict: str  # "better", "worse", "" where the test does not tell


@dataclass(frozen=True, slots=True)
class _SystemRow:
    """One row of the table of systems."""

    name: str
    colour: int
    is_baseline: bool
    cells: tuple[_Cell, ...]


def render_comparison_page(comparison: Comparison) -> str:
    """Return the page as one HTML document."""
    order = _best_first(comparison)
    primary = segment_metric(comparison)
    kinds = list(
        dict.fromkeys((kind, severity) for s in comparison.systems for kind, severity, _ in s.flag_counts)
    )
    counts = [{kind: n for kind, _, n in system.flag_counts} for system in comparison.systems]
    return render_page(
        "comparison.html.j2",
        ("theme.css", "comparison.css"),
        ("page.js", "worddiff.js", "comparison.js"),
        comparison=comparison,
        order=order,
        names=[system.name for system in comparison.systems],
        rows=[_system_row(comparison, i) for i in order],
        primary=primary,
        test=_TESTS.get(comparison.test, comparison.test),
        winner=_winner(comparison, order),
        regressions=_regressions(comparison),
        interval_charts=_interval_charts(comparison, order),
        distribution=_distribution(comparison, primary, order),
        breakdowns=[(b, _breakdown_chart(comparison, i)) for i, b in enumerate(comparison.breakdowns)],
        pairs=_pairs(comparison, primary),
        n_ngrams=_N_NGRAMS,
        flag_kinds=[(kind, severity, [count.get(kind, 0) for count in counts]) for kind, severity in kinds],
        bleus=[
            (s.name, next((m.bleu for m in s.report.metrics if m.bleu), None)) for s in comparison.systems
        ],
        n_units=len(comparison.baseline.rows),
        docs=list(dict.fromkeys(row.doc_id for row in comparison.baseline.rows)),
        data=embed_json(segment_data(comparison)),
        n_references=len(comparison.coverage.references),
    )


def segment_metric(comparison: Comparison) -> int:
    """Return the metric that segments are first ranked by: chrF if there is one; BLEU is a corpus metric."""
    names = [name.lower() for name in comparison.metric_names]
    return next((m for m, name in enumerate(names) if name.startswith("chrf")), 0)


def _best_first(comparison: Comparison) -> list[int]:
    sign = -1 if comparison.higher_is_better[0] else 1
    systems = comparison.systems
    return sorted(range(len(systems)), key=lambda i: sign * systems[i].report.metrics[0].score)


def _system_row(comparison: Comparison, index: int) -> _SystemRow:
    system = comparison.systems[index]
    paired = {result.metric: result for result in system.paired}
    cells = []
    for m, (metric, better) in enumerate(
        zip(system.report.metrics, comparison.higher_is_better, strict=True)
    ):
        scores = [other.report.metrics[m].score for other in comparison.systems]
        width = 3 if max(abs(score) for score in scores) <= 1.5 else 1
        result = paired.get(metric.name)
        told_apart = result is not None and result.p_value < 0.05 and result.delta != 0
        cells.append(
            _Cell(
                score=f"{metric.score:.{width}f}",
                half_width=f"{metric.interval.half_width:.{width}f}" if metric.interval else "",
                rank=system.ranks[m] if system.ranks else None,
                is_best=metric.score == (max(scores) if better else min(scores)),
                delta=f"{result.delta:+.{width}f}".replace("-", "\N{MINUS SIGN}") if result else "",
                p_value=_p_value(result.p_value) if result else "",
                verdict=("better" if (result.delta > 0) == better else "worse")
                if result and told_apart
                else "",
            )
        )
    return _SystemRow(system.name, index % charts.N_COLOURS, index == 0, tuple(cells))


def _p_value(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _winner(comparison: Comparison, order: Sequence[int]) -> list[SystemResult]:
    """Return the systems of the best significance group on the first metric."""
    best = [comparison.systems[i] for i in order]
    return [system for system in best if system.ranks and system.ranks[0] == 1] or best[:1]


def _regressions(comparison: Comparison) -> list[tuple[str, str]]:
    """Return each significantly worse system and the metrics that say so."""
    metrics: dict[str, list[str]] = {}
    for system, paired in comparison.regressions():
        metrics.setdefault(system.name, []).append(paired.metric)
    return [(name, ", ".join(worse)) for name, worse in metrics.items()]


def _interval_charts(comparison: Comparison, order: Sequence[int]) -> list[Markup]:
    names = [system.name for system in comparison.systems]
    drawn = []
    for m, metric in enumerate(comparison.metric_names):
        scores = [(s.report.metrics[m].score, _half_width(s, m)) for s in comparison.systems]
        sign = -1 if comparison.higher_is_better[m] else 1
        by_metric = sorted(order, key=lambda i: sign * scores[i][0])
        label = metric if comparison.higher_is_better[m] else f"{metric} (lower is better)"
        drawn.append(charts.draw_intervals(f"interval-{m}", label, names, scores, by_metric))
    return drawn


def _half_width(system: SystemResult, metric: int) -> float:
    interval = system.report.metrics[metric].interval
    return interval.half_width if interval else 0.0


def _segment_scores(system: SystemResult, metric: int) -> charts.Scores:
    return np.nan_to_num(np.array([row.scores[metric] for row in system.rows], dtype=np.float64))


def _distribution(comparison: Comparison, primary: int, order: Sequence[int]) -> Markup:
    scores = [_segment_scores(system, primary) for system in comparison.systems]
    names = [system.name for system in comparison.systems]
    return charts.draw_distribution("spread", comparison.metric_names[primary], names, scores, order)


def _breakdown_chart(comparison: Comparison, index: int) -> Markup | None:
    breakdown = comparison.breakdowns[index]
    if not 2 <= len(breakdown.buckets) <= _MAX_PARTS_DRAWN:
        return None
    return charts.draw_breakdown(f"part-{index}", breakdown, [system.name for system in comparison.systems])


def _pairs(comparison: Comparison, primary: int) -> list[tuple[str, Markup, int, int, int]]:
    """Return name, chart, and units won, tied and lost on the segment metric, for each but the baseline."""
    baseline = _segment_scores(comparison.baseline, primary)
    sign = 1 if comparison.higher_is_better[primary] else -1
    pairs = []
    for i, system in enumerate(comparison.systems[1:], 1):
        scores = _segment_scores(system, primary)
        metric, other = comparison.metric_names[primary], comparison.baseline.name
        chart = charts.draw_head_to_head(f"pair-{i}", metric, other, system.name, baseline, scores, sign > 0)
        gain = sign * (scores - baseline)
        won, lost = int((gain > 1e-9).sum()), int((gain < -1e-9).sum())
        pairs.append((system.name, chart, won, len(gain) - won - lost, lost))
    return pairs
