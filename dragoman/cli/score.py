"""`dragoman score`: one system's scores, never without signature, mode and coverage."""

import click

from dragoman.cli.scoring_options import MODES, scoring_options


@click.command()
@click.argument("hypothesis")
@scoring_options
@click.option(
    "--mode",
    "modes",
    multiple=True,
    type=click.Choice(MODES),
    default=["segment"],
    show_default=True,
    help="How segments meet; repeat it to see modes side by side.",
)
@click.option("--name", default="", help="Name of the system; the file's by default.")
@click.option(
    "--samples",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Bootstrap resamples; 0 for no interval.",
)
@click.option("--scores", multiple=True, help="METRIC=FILE: segment scores of another metric (COMET …).")
def score(
    hypothesis: str,
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
    modes: tuple[str, ...],
    name: str,
    samples: int,
    scores: tuple[str, ...],
) -> None:
    """Score HYPOTHESIS ("-" for stdin) against one reference or several.

    Text has a segment a line; TSV and JSONL have the columns doc_id, seg_id, src, ref, hyp; TMX and XLIFF
    work too. Sides of different lengths are refused; references in another segmentation want a --mode.
    """
    from dragoman.cli.scored_output import qa_check, render, show_notices, write_output
    from dragoman.eval.from_files import Inputs, compare_files
    from dragoman.eval.metrics import DEFAULT_METRICS
    from dragoman.eval.results import Mode
    from dragoman.eval.scoring import Options

    comparisons = compare_files(
        [hypothesis],
        Inputs(references, src, running),
        Options(metrics or DEFAULT_METRICS, tokenize, lowercase, samples, seed, src_lang, tgt_lang),
        modes=[Mode(mode) for mode in modes],
        names=[name] if name else [],
        scores=scores,
        test="bs" if samples else "",
        n_samples=samples,
        check=qa_check if qa and form in ("json", "html") else None,
    )
    show_notices(comparisons)
    write_output(render(comparisons, form, width), output)
