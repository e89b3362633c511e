"""Options that `dragoman score` and `dragoman compare` share."""

from collections.abc import Callable
from typing import TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., object])

MODES = ["segment", "aligned", "document", "resegmented"]
FORMATS = ["text", "json", "md", "tsv", "latex", "html"]


def scoring_options(command: _Command) -> _Command:
    """Add the options that say against what, how and in which form."""
    for option in (
        click.option("-o", "--output", default="-", show_default=True, help="File to write; - for stdout."),
        click.option(
            "--qa/--no-qa", default=True, help="QA flags in the page and JSON, where there is a source."
        ),
        click.option("--width", type=click.IntRange(0, 10), default=1, show_default=True, help="Decimals."),
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help="Output form.",
        ),
        click.option("--tgt-lang", default="en", show_default=True, help="Language of the references."),
        click.option("--src-lang", default="ar", show_default=True, help="Language of the source."),
        click.option("--seed", type=int, default=12345, show_default=True, help="Seed of the resampling."),
        click.option("--lowercase", is_flag=True, help="Fold case in BLEU and chrF."),
        click.option(
            "--tokenize", default="13a", show_default=True, help="BLEU's tokeniser: 13a, intl, char, none …"
        ),
        click.option(
            "-m",
            "--metric",
            "metrics",
            multiple=True,
            type=click.Choice(["bleu", "chrf", "chrf++", "ter"]),
            help="Metric, repeatable; default bleu, chrf++ and ter.",
        ),
        click.option(
            "--running", is_flag=True, help="Mode aligned, no source: the hypotheses are running text."
        ),
        click.option("-s", "--src", help="Source file, in the hypotheses' segments."),
        click.option(
            "-r",
            "--reference",
            "references",
            multiple=True,
            required=True,
            help="Reference file, repeatable.",
        ),
    ):
        command = option(command)
    return command
