"""`dragoman eval`: the project's own quality floors, and what risk signals are worth without a reference."""

from pathlib import Path

import click


@click.group("eval")
def eval() -> None:  # noqa: A001 - the command's name
    """Hold the project's own quality, and measure signals of risk."""


@eval.command()
@click.option(
    "--bench", envvar="DRAGOMAN_BENCH", type=click.Path(path_type=Path), help="Development benchmarks."
)
@click.option("--update", is_flag=True, help="Raise the floors to what is measured now.")
@click.option("--only", default="", help="Floors whose name begins with this.")
@click.option("--lower", "lowered", help="Lower this one floor (with --to and --reason).")
@click.option("--to", type=float, help="New value of the lowered floor.")
@click.option("--reason", default="", help="Why; goes into the changelog.")
def gate(
    bench: Path | None, update: bool, only: str, lowered: str | None, to: float | None, reason: str
) -> None:
    """Measure every figure that has a floor; exit 1 when one is below it or was measured on other data."""
    from dragoman.eval.gate import check_floors, lower, raised, read_floors, write_floors
    from dragoman.quality import ROOT, measures

    if lowered is not None:
        if to is None:
            raise click.UsageError("--lower needs --to")
        lower(lowered, to, reason, ROOT / "CHANGELOG.md")
        return
    floors = read_floors()
    checked = check_floors([floor for floor in floors if floor.name.startswith(only)], measures(bench))
    for item in checked:
        click.echo(str(item))
    if update:
        new = {floor.name: floor for floor in raised(checked)}
        write_floors([new.get(floor.name, floor) for floor in floors])
    if not all(item.holds for item in checked):
        raise click.exceptions.Exit(1)


@eval.command()
@click.argument("source")
@click.option("-r", "--reference", required=True, help="Reference, for measuring what the signals are worth.")
@click.option("--model", default="starter-ar-en", show_default=True, help="Model that translates.")
@click.option("--limit", type=click.IntRange(1), help="Use the first segments only.")
def risk(source: str, reference: str, model: str, limit: int | None) -> None:
    """Translate SOURCE, and say how well each signal of risk finds segments with a low chrF (Spearman)."""
    from dragoman.errors import MismatchError
    from dragoman.eval.inputs import read_table
    from dragoman.quality import risk_signals

    src, refs = ([row[0] or "" for row in read_table(path).rows][:limit] for path in (source, reference))
    if len(src) != len(refs):
        raise MismatchError(f"{source} has {len(src)} segments, {reference} has {len(refs)}")
    click.echo("signal\tspearman\tsegments\tmarked")
    for signal in risk_signals(src, refs, model=model):
        click.echo(f"{signal.name}\t{signal.spearman:.3f}\t{signal.n_segments}\t{signal.n_marked}")
