"""Options that several commands share."""

from collections.abc import Callable
from typing import TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., object])


def model_options(command: _Command) -> _Command:
    """Add the options that choose a model and how it is run."""
    for option in (
        click.option(
            "--threads", type=click.IntRange(min=0), default=0, help="CPU threads; 0 (default) for all."
        ),
        click.option("--beam", type=click.IntRange(min=1), default=4, show_default=True, help="Beam size."),
        click.option(
            "--device",
            type=click.Choice(["auto", "cpu", "cuda"]),
            default="auto",
            help="Where the model runs.",
        ),
        click.option(
            "--backend",
            type=click.Choice(["auto", "ctranslate2", "transformers"]),
            default="auto",
            help="Engine; auto takes CTranslate2 where the model converts.",
        ),
        click.option(
            "--model",
            default="starter-ar-en",
            show_default=True,
            help="Catalogue name, folder or hub id; see `dragoman models list`.",
        ),
    ):
        command = option(command)
    return command
