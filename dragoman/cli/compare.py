"""`dragoman compare`: several systems against each other, with paired tests; exit 1 on a significant loss."""

import click

from dragoman.cli.scoring_options import MODES, scoring_options


@click.command()
@click.argument("hypotheses", nargs=-1, required=True)
@scoring_options
@click.option(
    "--mode", type=click.Choice(MODES), default="segment", show_default=True, help="How segments meet."
)
@click.option("--name", "names", multiple=True, help="Name of a system, in their order; repeatable.")
@click.option(
    "--test",
    type=click.Choice(["bs", "ar"]),
    default="bs",
    show_default=True,
    help="Paired bootstrap or approximate randomisation.",
)
@click.option("--samples", type=click.IntRange(1), help="Resamples (default 1,000) or trials (10,000).")
@click.option(
    "--scores", multiple=True, help="METRIC=FILE of segment scores, once for each system, in order."
)
@click.option("--training-text", help="Text whose words count as seen in training (rare-word breakdown).")
@click.option("--title", default="", help="Title of the report.")
@click.option(
    "--fail-on-regression", is_flag=True, help="Exit 1 when a system is significantly worse than the first."
)
def compare(
    hypotheses: tuple[str, ...],
    references: tuple[str, ...],
    src: str | None,
    running: bool,
    metrics: tuple[str, ...],
    tokenize: str,
    lowercase: bool,
    seed: int,
    src_lang: str,
    tgt_lang: str,
    form: str,
    width: int,
    qa: bool,
    output: str,
    mode: str,
    names: tuple[str, ...],
    test: str,
    samples: int | None,
    scores: tuple[str, ...],
    training_text: str | None,
    title: str,
    fail_on_regression: bool,
) -> None:
    """Compare HYPOTHESES (files; the first is the baseline) on the same references.

    All are scored on the same units with the same random numbers.
    """
    from dragoman.cli.scored_output import qa_check, render, show_notices, write_output
    from dragoman.eval.from_files import Inputs, compare_files
    from dragoman.eval.metrics import DEFAULT_METRICS
    from dragoman.eval.results import Mode
    from dragoman.eval.scoring import Options

    if len(hypotheses) < 2:
        raise click.UsageError("comparing needs two systems or more; `dragoman score` takes one")
    comparisons = compare_files(
        hypotheses,
        Inputs(references, src, running),
        Options(metrics or DEFAULT_METRICS, tokenize, lowercase, 0, seed, src_lang, tgt_lang),
        modes=[Mode(mode)],
        names=names,
        scores=scores,
        test=test,
        n_samples=samples,
        training_text=training_text,
        check=qa_check if qa and form in ("json", "html") else None,
        title=title,
    )
    show_notices(comparisons)
    write_output(render(comparisons, form, width), output)
    if fail_on_regression and comparisons[0].regressions():
        raise click.exceptions.Exit(1)
