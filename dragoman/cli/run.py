"""`dragoman run`: the main job on one article."""

from pathlib import Path

import click

from dragoman.cli.options import model_options


@click.command()
@click.argument("article")
@click.option(
    "-r", "--reference", "references", multiple=True, help="English version of the article; may be repeated."
)
@click.option(
    "-o", "--output", "out", required=True, type=click.Path(path_type=Path), help="Folder for the results."
)
@model_options
@click.option("--encoding", help="Encoding of the article; found out by default.")
@click.option("--keep-all", is_flag=True, help="Translate what looks like site boilerplate as well.")
@click.option("--force", is_flag=True, help="Go on when the text does not look Arabic.")
def run(
    article: str,
    references: tuple[str, ...],
    out: Path,
    model: str,
    backend: str,
    device: str,
    beam: int,
    threads: int,
    encoding: str | None,
    keep_all: bool,
    force: bool,
) -> None:
    """Translate ARTICLE (text or HTML, "-" for standard input); align and score it against references.

    Writes translation.txt, bitext.tmx, bitext.xlf, segments.jsonl, scores.json, report.html and run.json to
    the output folder, all or none of them.
    """
    from dragoman.outputs import write_run
    from dragoman.pipeline import Options, run_article

    options = Options(model, backend, device, beam, threads, encoding, keep_all, force)
    result = run_article(article, references=references, options=options, announce=_announce)
    for notice in result.document.notices:
        click.echo(f"{notice.severity}: {notice.message}", err=True)
    paths = write_run(result, out)
    n_flagged = sum(any(f.severity != "info" for f in h.flags) for h in result.hypotheses)
    n_apart = sum(line.role == "boilerplate" for line in result.document.lines)
    counts = f"{len(result.segments)} segments translated, {n_flagged} flagged"
    click.echo(f"{counts}; {n_apart} lines set apart as boilerplate", err=True)
    if result.engine.notice:
        click.echo(result.engine.notice, err=True)
    if result.scores is not None:
        click.echo(str(result.scores))
    elif references:
        click.echo("no score: no sentence of the references could be aligned", err=True)
    click.echo("\n".join(str(path) for path in paths))


def _announce(step: str) -> None:
    click.echo(f"{step} …", err=True)
