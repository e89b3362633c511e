"""`dragoman align`: two texts, or folders of them, to aligned sentences."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.distribution import Distribution, distribution_options
from dragoman.cli.stopping import stopping
from dragoman.errors import DragomanError, InputError

if TYPE_CHECKING:
    from dragoman.translate.pairs import AlignOptions, PairFiles
    from dragoman.units import Bead, Notice

_FORMATS = ("tsv", "tmx", "ladder", "jsonl", "html")


@click.command()
@click.argument("src", required=False)
@click.argument("tgt", required=False)
@click.option(
    "--mt", multiple=True, help="Translation of SRC, a line each (a folder for folders); repeatable."
)
@click.option("--mt-reverse", multiple=True, help="Translation of TGT into SRC's language; repeatable.")
@click.option(
    "--model",
    help="Translate SRC with this model for comparison, and ask it where doubt is left (slower, better).",
)
@click.option("--model-reverse", help="Translate TGT into SRC's language with this model, likewise.")
@click.option("--format", "layout", type=click.Choice(_FORMATS), default="tsv", show_default=True)
@click.option(
    "--out", "-o", help="File to write; for folders and lists a folder. Standard output by default."
)
@click.option("--gold", help="Gold beads (a folder for folders): print scores instead of the alignment.")
@click.option("--pairs", help="List of documents: source and target path, tab-separated, hypotheses third.")
@click.option("--segment", is_flag=True, help="Files hold running text: split it into sentences first.")
@click.option("--src-lang", default="ar", show_default=True)
@click.option("--tgt-lang", default="en", show_default=True)
@click.option("--threads", type=click.IntRange(min=0), default=0, help="CPU threads of models; 0 for all.")
@distribution_options
def align(
    src: str | None,
    tgt: str | None,
    mt: tuple[str, ...],
    mt_reverse: tuple[str, ...],
    model: str | None,
    model_reverse: str | None,
    layout: str,
    out: str | None,
    gold: str | None,
    pairs: str | None,
    segment: bool,
    src_lang: str,
    tgt_lang: str,
    threads: int,
    distribution: Distribution,
) -> None:
    """Align the sentences of SRC and TGT, a sentence a line ("-": standard input).

    SRC and TGT may be folders: files of the same name, or of the same name up to the last dot, are a pair.
    """
    from dragoman.translate.pairs import AlignOptions

    is_many = bool(pairs) or bool(src and Path(src).is_dir())
    if is_many and mt_reverse:
        raise click.UsageError("--mt-reverse is for two files; folders take --mt or --model-reverse")
    if is_many and not out and not gold:
        raise click.UsageError("folders and lists need --out FOLDER (or --gold)")
    device = "auto" if model or model_reverse else "cpu"
    options = AlignOptions(
        layout, segment, src_lang, tgt_lang, model or "", model_reverse or "", threads, device
    )
    if not is_many:
        _align_two(_two(src, tgt, mt, mt_reverse), options, out, gold)
    elif gold:
        _score(_pairs(src, tgt, mt, pairs), options, Path(gold))
    else:
        _align_many(_pairs(src, tgt, mt, pairs), options, Path(str(out)), distribution)


def _align_two(files: "PairFiles", options: "AlignOptions", out: str | None, gold: str | None) -> None:
    from dragoman.corpora.alignment import align_corpus
    from dragoman.translate.pairs import load_pair, render

    document = load_pair(files, options, _tell)
    beads = next(align_corpus([document]))
    if gold:
        _print_scores([Path(gold)], [beads])
    else:
        _write(out, render(beads, document, options))


def _align_many(
    pairs: "Iterable[PairFiles]", options: "AlignOptions", out: Path, distribution: Distribution
) -> None:
    """Align pairs as a job that goes on when it is started again, with progress on stderr."""
    from dragoman.cli.progress import Progress
    from dragoman.translate.align_job import plan_pairs
    from dragoman.translate.ledger import Ledger

    ledger = Ledger(out)
    n_failed = 0
    with ledger.locked():
        ledger.plan(options.configuration(), plan_pairs(pairs, options))
        n_pairs = sum(len(shard.sources) for shard in ledger.shards())
        with stopping() as stop, Progress("documents", n_pairs) as progress:
            for done in distribution.run(out, options, lambda: bool(stop)):
                progress.advance(len(done.rows))
                n_failed += sum(bool(row.error) for row in done.rows)
                for row in done.rows:
                    for notice in () if done.was_done else row.notices:
                        progress.note(f"warning: {notice}")
                    if row.error:
                        progress.note(f"failed: {row.name}: {row.error}")
        if not stop:
            ledger.clean()
    sys.exit(130 if stop else 1 if n_failed else 0)


def _score(pairs: "Iterable[PairFiles]", options: "AlignOptions", gold: Path) -> None:
    from dragoman.translate.align_job import aligned, plan_pairs
    from dragoman.translate.results import Failure

    paths, scored = [], []
    for shard in plan_pairs(pairs, options):
        for source, result in aligned(shard, options, lambda _, message: click.echo(message, err=True)):
            if isinstance(result, Failure):
                raise InputError(result.reason)
            paths.append(gold / f"{Path(source.name).stem}.gold")
            scored.append(result.beads)
    _print_scores(paths, scored)


def _two(src: str | None, tgt: str | None, mt: Sequence[str], mt_reverse: Sequence[str]) -> "PairFiles":
    from dragoman.translate.pairs import PairFiles

    if not src or not tgt:
        raise click.UsageError("give SRC and TGT, or --pairs LIST")
    if src == tgt == "-":
        raise click.UsageError("only one of SRC and TGT can be standard input")
    return PairFiles(src, tgt, tuple(mt), tuple(mt_reverse))


def _pairs(src: str | None, tgt: str | None, mt: Sequence[str], listed: str | None) -> "list[PairFiles]":
    """List the documents to align."""
    from dragoman.translate.pairs import PairFiles

    if listed:
        if src or tgt:
            raise click.UsageError("give SRC and TGT, or --pairs, not both")
        return _listed(listed)
    if not src or not tgt:
        raise click.UsageError("give SRC and TGT, or --pairs LIST")
    tgt_files, mt_files = _by_name(Path(tgt)), _by_name(Path(mt[0])) if mt else {}
    found, alone = [], []
    for path in sorted(Path(src).iterdir()):
        if path.is_file() and not path.name.startswith("."):
            partner = tgt_files.get(path.name) or tgt_files.get(path.stem)
            hypothesis = mt_files.get(path.name) or mt_files.get(path.stem)
            if partner:
                found.append(PairFiles(str(path), str(partner), (str(hypothesis),) if hypothesis else ()))
            else:
                alone.append(path.name)
    if alone:
        click.echo(f"warning: no file in {tgt} for {len(alone)} of {src}, the first {alone[0]}", err=True)
    if not found:
        raise InputError(f"no file in {src} has a partner of its name in {tgt}")
    return found


def _listed(name: str) -> "list[PairFiles]":
    from dragoman.corpora.line_stream import read_lines
    from dragoman.translate.pairs import PairFiles

    found = []
    lines = read_lines(name, lang="", any_language=True, notify=lambda notice: _tell(name, notice))
    for number, line in enumerate(lines, start=1):
        fields = line.split("\t")
        if line.strip() and not 2 <= len(fields) <= 3:
            raise InputError(f"{name}:{number}: expected source and target path, tab-separated")
        if line.strip():
            found.append(PairFiles(fields[0], fields[1], tuple(fields[2:])))
    return found


def _by_name(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder: source, target and hypotheses must all be folders, or none"
        )
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    return {path.stem: path for path in files} | {path.name: path for path in files}


def _tell(name: str, notice: "Notice") -> None:
    message = notice.message.removeprefix(f"{name}: ")
    click.echo(f"{notice.severity}: {name}: {message}", err=True)


def _write(out: str | None, data: bytes) -> None:
    if out in (None, "-"):
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    from dragoman.files import atomic_binary

    with atomic_binary(Path(str(out))) as stream:
        stream.write(data)


def _print_scores(gold: Sequence[Path], beads: "Sequence[list[Bead]]") -> None:
    from dragoman.corpora.bead_files import read_ladder
    from dragoman.eval.alignment import score_beads

    try:
        score = score_beads([read_ladder(path) for path in gold], beads)
    except OSError as error:
        raise DragomanError(f"cannot read {error.filename}: {error.strerror}") from error
    click.echo("            precision  recall  F1")
    rows = (
        ("strict", score.strict),
        ("lax", score.lax),
        ("src nulls", score.src_nulls),
        ("tgt nulls", score.tgt_nulls),
    )
    for name, rates in rows:
        click.echo(f"{name:<12}{rates.precision:9.3f}{rates.recall:8.3f}{rates.f1:7.3f}")
    click.echo("confidence   beads  claimed  right")
    for bin_ in score.reliability:
        click.echo(
            f"{bin_.low:.1f}-{bin_.high:.1f}{bin_.n_beads:10}{bin_.mean_confidence:9.3f}{bin_.accuracy:7.3f}"
        )
    if score.calibration_error is not None:
        click.echo(f"expected calibration error {score.calibration_error:.3f}")
