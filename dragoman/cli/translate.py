"""`dragoman translate`: a segment a line in, its translation a line out."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from dragoman.cli.options import model_options

if TYPE_CHECKING:
    from dragoman.units import Hypothesis, Notice

_SECONDS_BETWEEN_LINES = 10.0


@click.command()
@click.argument("file", default="-")
@model_options
@click.option(
    "--batch-tokens", type=click.IntRange(min=16), default=1024, show_default=True, help="Tokens in a batch."
)
@click.option("--compute-type", default="auto", show_default=True, help="int8, float32, float16, bfloat16.")
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "jsonl"]),
    default="text",
    show_default=True,
    help="A translation a line; or with source, log-probability, tokens and flags.",
)
@click.option("--encoding", help="Encoding of the text; found out by default.")
@click.option("--force", is_flag=True, help="Go on when the text does not look Arabic.")
def translate(
    file: str,
    model: str,
    backend: str,
    device: str,
    beam: int,
    threads: int,
    batch_tokens: int,
    compute_type: str,
    layout: str,
    encoding: str | None,
    force: bool,
) -> None:
    """Translate FILE ("-" for standard input), a segment a line: as many lines come out as go in.

    Blank lines stay blank; numbers, URLs and lines without Arabic letters are copied. Lines are given out as
    they are done, and memory does not grow with the input.
    """
    from dragoman.corpora.line_stream import read_lines
    from dragoman.models.engine import load
    from dragoman.translate.translation import translate_stream

    lines = read_lines(file, encoding=encoding, any_language=force, notify=_tell_notice)
    engine = load(
        model, backend=backend, device=device, compute_type=compute_type, threads=threads, step=_tell
    )
    if engine.info.notice:
        _tell(f"note: {engine.info.notice}")
    sources: list[str] = []
    hypotheses = translate_stream(
        _remembered(lines, sources),
        model=engine,
        beam=beam,
        batch_tokens=batch_tokens,
        progress=_Counter().add,
    )
    _write(hypotheses, sources, layout)


def _write(hypotheses: "Iterable[Hypothesis]", sources: list[str], layout: str) -> None:
    """Print hypotheses as they come; `sources` holds the lines read and not yet printed, oldest first."""
    n_printed = 0
    for hypothesis in hypotheses:
        source = sources[n_printed]
        n_printed += 1
        if n_printed == 1000:
            del sources[:n_printed]
            n_printed = 0
        if layout == "text":
            click.echo(hypothesis.text)
            continue
        row = {
            "src": source,
            "tgt": hypothesis.text,
            "origin": hypothesis.origin,
            "logprob": hypothesis.logprob,
            "n_src_tokens": hypothesis.n_src_tokens,
            "n_tgt_tokens": hypothesis.n_tgt_tokens,
            "flags": [
                {"kind": flag.kind, "severity": flag.severity, "message": flag.message}
                for flag in hypothesis.flags
            ],
        }
        click.echo(json.dumps(row, ensure_ascii=False))


def _remembered(lines: Iterable[str], sources: list[str]) -> Iterator[str]:
    for line in lines:
        sources.append(line)
        yield line


class _Counter:
    """Says on stderr every ten seconds how far a stream of unknown length is."""

    def __init__(self) -> None:
        self._n_done = 0
        self._start = self._last = time.monotonic()

    def add(self, n: int) -> None:
        self._n_done += n
        now = time.monotonic()
        if now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            print(
                f"{self._n_done:,} segments, {self._n_done / (now - self._start):.0f}/s",
                file=sys.stderr,
                flush=True,
            )


def _tell_notice(notice: "Notice") -> None:
    _tell(f"{notice.severity}: {notice.message}")


def _tell(message: str) -> None:
    click.echo(message, err=True)
