"""`dragoman bench`: how fast this machine translates, and what to choose."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dragoman.translate.throughput import Rate

_SAMPLE = Path(__file__).parents[1] / "corpora" / "samples" / "harbour.ar.txt"


@click.command()
@click.argument("text", required=False)
@click.option("--model", default="starter-ar-en", show_default=True, help="Catalogue name, folder or hub id.")
@click.option("--threads", type=click.IntRange(min=0), default=0, help="CPU threads; 0 (default) for all.")
@click.option(
    "--seconds", type=click.FloatRange(min=0), default=2.0, show_default=True, help="Time for each setting."
)
@click.option("--dry-run", is_flag=True, help="Measure only, remember nothing.")
@click.option("--format", "layout", type=click.Choice(["text", "json"]), default="text", show_default=True)
def bench(text: str | None, model: str, threads: int, seconds: float, dry_run: bool, layout: str) -> None:
    """Measure how fast TEXT (default: the bundled sample) is translated, setting by setting.

    The fastest division of threads into workers changes no translation, so it is remembered and used from now
    on. The other settings change translations: they are shown, and yours to choose.
    """
    from dragoman.corpora.reading import read
    from dragoman.corpora.segmentation import segment
    from dragoman.models.catalog import resolve
    from dragoman.models.division import remember
    from dragoman.models.machine import n_cores
    from dragoman.translate.throughput import fastest, measure_choices, measure_divisions

    folder = resolve(model)
    sentences = [part.text for part in segment(read(text or _SAMPLE))]
    divisions = []
    for rate in measure_divisions(folder, sentences, threads=threads, seconds=seconds):
        divisions.append(rate)
        _print(rate, divisions[0], layout)
    if not dry_run:
        best = fastest(divisions)
        path = remember(folder.digest, threads or n_cores(), best)
        click.echo(f"remembered: {best.n_workers} worker(s) of {best.n_threads} thread(s), {path}", err=True)
    first: Rate | None = None
    for rate in measure_choices(folder, sentences, threads=threads, seconds=seconds):
        first = first or rate
        _print(rate, first, layout)


def _print(rate: "Rate", base: "Rate", layout: str) -> None:
    setting = rate.setting
    if layout == "json":
        row = {
            "workers": setting.division.n_workers,
            "threads": setting.division.n_threads,
            "compute_type": setting.compute_type,
            "beam": setting.beam,
            "batch_tokens": setting.batch_tokens,
            "tokens_per_s": round(rate.tokens_per_s, 1),
            "sentences_per_s": round(rate.sentences_per_s, 2),
        }
        click.echo(json.dumps(row))
        return
    click.echo(
        f"{setting.division.n_workers:3} x {setting.division.n_threads:<2} {setting.compute_type:8} "
        f"beam {setting.beam}  batch {setting.batch_tokens:5}  {rate.tokens_per_s:8.0f} tokens/s "
        f"{rate.sentences_per_s:7.1f} sentences/s  {rate.tokens_per_s / base.tokens_per_s:5.2f}"
    )
