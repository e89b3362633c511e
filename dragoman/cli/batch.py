"""`dragoman batch`: many documents as one job that can be killed and goes on."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.distribution import Distribution, distribution_options
from dragoman.cli.options import model_options
from dragoman.cli.stopping import stopping

if TYPE_CHECKING:
    from dragoman.translate.options import BatchOptions

_OUT = click.Path(path_type=Path)


class _WithStart(click.Group):
    """A group whose name alone means its command `start`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["start", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_WithStart)
def batch() -> None:
    """Translate files, folders and JSONL rows as one job.

    `dragoman batch INPUT... -o OUT` starts a job; `dragoman batch start --help` lists its options. A job that
    was stopped or killed goes on with `dragoman batch resume OUT`.
    """


@batch.command()
@click.argument("inputs", nargs=-1)
@click.option("-o", "--output", "out", required=True, type=_OUT, help="Folder for the results.")
@click.option("--from-list", type=_OUT, help="File that names further inputs, one a line.")
@distribution_options
@model_options
@click.option("--keep-all", is_flag=True, help="Translate what looks like site boilerplate as well.")
@click.option("--force", is_flag=True, help="Translate documents that do not look Arabic as well.")
@click.option("--tm", "memory", default="", help="Translation memory to ask first and to learn the results.")
@click.option("--glossary", default="", help="CSV, TSV or TBX of terms to keep.")
@click.option(
    "--export",
    type=click.Choice(["omegat"]),
    default=None,
    help="Write a project of this tool into OUT as well.",
)
def start(
    inputs: tuple[str, ...],
    out: Path,
    from_list: Path | None,
    distribution: Distribution,
    model: str,
    backend: str,
    device: str,
    beam: int,
    threads: int,
    keep_all: bool,
    force: bool,
    memory: str,
    glossary: str,
    export: str | None,
) -> None:
    """Start a job; the same inputs and options on the same OUT go on with it."""
    from dragoman.translate.inputs import plan
    from dragoman.translate.ledger import Ledger
    from dragoman.translate.options import BatchOptions
    from dragoman.translate.survey import repeated_lines

    if not inputs and from_list is None:
        raise click.UsageError("name at least one INPUT, or --from-list")
    options = BatchOptions(
        model, backend, device, beam, threads, keep_all, force, memory, glossary, export or ""
    )
    ledger = Ledger(out)
    with ledger.locked():
        ledger.plan(
            options.configuration(),
            plan(inputs, from_list=from_list),
            survey=None if keep_all else repeated_lines,
        )
        _work(out, options, distribution)


@batch.command()
@click.argument("out", type=_OUT)
@distribution_options
@click.option("--threads", type=click.IntRange(min=0), default=0, help="CPU threads; 0 (default) for all.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", help="Where the model runs."
)
def resume(out: Path, distribution: Distribution, threads: int, device: str) -> None:
    """Go on with the job in OUT: what is done stays, what is missing or changed is translated."""
    from dragoman.translate.ledger import Ledger
    from dragoman.translate.options import BatchOptions

    ledger = Ledger(out)
    options = BatchOptions.of(ledger.configuration(), threads=threads, device=device)
    with ledger.locked():
        ledger.expect(options.configuration())
        _work(out, options, distribution)


@batch.command()
@click.argument("out", type=_OUT)
@distribution_options
def retry(out: Path, distribution: Distribution) -> None:
    """Try the failed documents of the job in OUT again."""
    from dragoman.translate.ledger import Ledger
    from dragoman.translate.options import BatchOptions

    ledger = Ledger(out)
    options = BatchOptions.of(ledger.configuration())
    with ledger.locked():
        ledger.expect(options.configuration())
        for shard in ledger.shards():
            marker = ledger.done(shard.index)
            if marker is not None and any(row.error for row in marker.rows):
                ledger.forget(shard.index)
        _work(out, options, distribution)


@batch.command()
@click.argument("out", type=_OUT)
def status(out: Path) -> None:
    """Say how far the job in OUT is; exit code 1 when something failed or is still to do."""
    from dragoman.translate.joining import failures, summarise
    from dragoman.translate.ledger import Ledger

    ledger = Ledger(out)
    ledger.configuration()
    summary = summarise(ledger)
    click.echo(f"{summary.n_done} of {summary.n_documents} documents done, {summary.n_failed} failed")
    click.echo(
        f"{summary.n_segments} segments, {summary.n_errors} with errors, {summary.n_warnings} with warnings"
    )
    for row in failures(ledger):
        click.echo(f"failed\t{row.name}\t{row.error}")
    sys.exit(1 if summary.n_failed or summary.n_open else 0)


def _work(out: Path, options: "BatchOptions", distribution: Distribution) -> None:
    """Do the planned shards with progress on stderr, join the results, and exit as the job went."""
    from dragoman.cli.progress import Progress
    from dragoman.translate.joining import finish, summarise
    from dragoman.translate.ledger import Ledger

    ledger = Ledger(out)
    n_documents = sum(len(shard.sources) for shard in ledger.shards())
    with stopping() as stop, Progress("documents", n_documents) as progress:
        for done in distribution.run(out, options, stop=lambda: bool(stop)):
            progress.advance(len(done.rows))
            for row in done.rows:
                for notice in () if done.was_done else row.notices:
                    progress.note(f"warning: {row.name}: {notice}")
                if row.error and not done.was_done:
                    progress.note(f"failed: {row.name}: {row.error}")
        was_stopped = bool(stop)
    summary = summarise(ledger) if was_stopped else finish(ledger)
    click.echo(
        f"{summary.n_done} of {summary.n_documents} documents translated, {summary.n_failed} failed; "
        f"{summary.n_segments} segments, {summary.n_errors} with errors, {summary.n_warnings} with warnings"
    )
    if was_stopped and summary.n_open:
        click.echo(f"stopped; `dragoman batch resume {out}` goes on", err=True)
        sys.exit(130)
    sys.exit(1 if summary.n_failed else 0)
