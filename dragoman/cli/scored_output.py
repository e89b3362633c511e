"""How `dragoman score` and `dragoman compare` say what they saw and write what they found."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from dragoman.eval.comparison import Comparison
from dragoman.eval.tables import render_comparison_table, render_reports
from dragoman.files import write_text
from dragoman.units import Flag, Notice, Severity


def write_output(text: str, output: str) -> None:
    """Write to a file, whole or not at all, or to standard output."""
    if output == "-":
        sys.stdout.write(text)
    else:
        write_text(Path(output), text)


def show_notices(comparisons: Iterable[Comparison]) -> None:
    """Print what the checks of the input saw, and what was excluded, on standard error."""
    seen: set[Notice] = set()
    for comparison in comparisons:
        for notice in comparison.notices:
            if notice not in seen:
                seen.add(notice)
                label = "note" if notice.severity is Severity.INFO else str(notice.severity)
                click.echo(f"{label}: {notice.message}", err=True)
        if comparison.excluded:
            click.echo(
                f"note: mode {comparison.mode}: {len(comparison.excluded)} segments are not scored "
                "(listed with --format json or html)",
                err=True,
            )


def render(comparisons: Sequence[Comparison], form: str, width: int) -> str:
    """Render one system in one mode or more, or a comparison."""
    if form == "html":
        from dragoman.eval.report import render_comparison

        if len(comparisons) > 1:
            raise click.UsageError("a page shows one mode: give --mode once with --format html")
        return render_comparison(comparisons[0])
    if len(comparisons[0].systems) > 1:
        return render_comparison_table(comparisons[0], form, width)
    return render_reports([comparison.baseline.report for comparison in comparisons], form, width)


def qa_check(src: str, hyp: str) -> tuple[Flag, ...]:
    """The QA checks of `dragoman qa` on one pair."""
    from dragoman.translate.qa import check

    return check(src, hyp)
