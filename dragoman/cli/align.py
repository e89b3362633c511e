"""`dragoman align`: two texts, or folders of them, to aligned sentences."""

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.errors import DragomanError, InputError, MismatchError

if TYPE_CHECKING:
    from dragoman.corpora.alignment import DocumentPair
    from dragoman.units import Bead, Notice

_FORMATS = ("tsv", "tmx", "ladder", "jsonl", "html")
Job = tuple[str, str, str | None]  # source, target, hypotheses


@click.command()
@click.argument("src", required=False)
@click.argument("tgt", required=False)
@click.option(
    "--mt", multiple=True, help="Translation of SRC, a line each (a folder for folders); repeatable."
)
@click.option("--mt-reverse", multiple=True, help="Translation of TGT into SRC's language; repeatable.")
@click.option("--model", help="Translate SRC with this model for comparison (slower, better).")
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
) -> None:
    """Align the sentences of SRC and TGT, a sentence a line ("-": standard input).

    SRC and TGT may be folders: files of the same name, or of the same name up to the last dot, are a pair.
    """
    from dragoman.corpora.alignment import align_corpus

    is_many = bool(pairs) or bool(src and Path(src).is_dir())
    if is_many and mt_reverse:
        raise click.UsageError("--mt-reverse is for two files; folders take --mt or --model-reverse")
    jobs = _jobs(src, tgt, mt, pairs)
    if is_many and not out and not gold:
        raise click.UsageError("folders and lists need --out FOLDER (or --gold)")
    models, langs = (model, model_reverse), (src_lang, tgt_lang)
    if not is_many:
        document = _load(str(src), str(tgt), mt, mt_reverse, models, segment, langs)
        beads = next(align_corpus([document]))
        if gold:
            _print_scores([Path(gold)], [beads])
        else:
            _write(out, _render(layout, beads, document, langs))
        return

    from dragoman.cli.progress import Progress

    documents: list[DocumentPair] = []

    def load() -> Iterator["DocumentPair"]:
        for job in jobs:
            hypotheses = (job[2],) if job[2] else ()
            documents.append(_load(job[0], job[1], hypotheses, (), models, segment, langs))
            yield documents[-1]

    scored: list[list[Bead]] = []
    with Progress("documents", len(jobs)) as progress:
        for job, beads in zip(jobs, align_corpus(load()), strict=True):
            document = documents.pop(0)
            if gold:
                scored.append(beads)
            else:
                target = Path(str(out)) / f"{Path(job[0]).name}.{layout}"
                _write(str(target), _render(layout, beads, document, langs))
            progress.advance(1)
    if gold:
        _print_scores([Path(gold) / f"{Path(job[0]).stem}.gold" for job in jobs], scored)


def _jobs(src: str | None, tgt: str | None, mt: Sequence[str], pairs: str | None) -> list[Job]:
    """List the documents to align."""
    if pairs:
        if src or tgt:
            raise click.UsageError("give SRC and TGT, or --pairs, not both")
        jobs = []
        for number, line in enumerate(_lines(pairs), start=1):
            fields = line.split("\t")
            if line.strip() and not 2 <= len(fields) <= 3:
                raise InputError(f"{pairs}:{number}: expected source and target path, tab-separated")
            if line.strip():
                jobs.append((fields[0], fields[1], fields[2] if len(fields) == 3 else None))
        return jobs
    if not src or not tgt:
        raise click.UsageError("give SRC and TGT, or --pairs LIST")
    if not Path(src).is_dir():
        return [(src, tgt, None)]
    tgt_files, mt_files = _by_name(Path(tgt)), _by_name(Path(mt[0])) if mt else {}
    jobs, alone = [], []
    for path in sorted(Path(src).iterdir()):
        if path.is_file() and not path.name.startswith("."):
            partner = tgt_files.get(path.name) or tgt_files.get(path.stem)
            hypothesis = mt_files.get(path.name) or mt_files.get(path.stem)
            if partner:
                jobs.append((str(path), str(partner), str(hypothesis) if hypothesis else None))
            else:
                alone.append(path.name)
    if alone:
        click.echo(f"warning: no file in {tgt} for {len(alone)} of {src}, the first {alone[0]}", err=True)
    if not jobs:
        raise InputError(f"no file in {src} has a partner of its name in {tgt}")
    return jobs


def _by_name(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder: source, target and hypotheses must all be folders, or none"
        )
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    return {path.stem: path for path in files} | {path.name: path for path in files}


def _lines(name: str, lang: str = "") -> list[str]:
    from dragoman.corpora.line_stream import read_lines

    return list(read_lines(name, lang=lang, any_language=True, notify=_tell(name)))


def _sentences(name: str, lang: str, segment: bool) -> list[str]:
    if not segment:
        return _lines(name, lang)
    from dragoman.corpora.reading import read
    from dragoman.corpora.segmentation import segment as split

    document = read(name, lang=lang, any_language=True)
    for notice in document.notices:
        _tell(name)(notice)
    return [" ".join(part.text.split()) for part in split(document, lang=lang)]


def _tell(name: str) -> "Callable[[Notice], None]":
    def tell(notice: "Notice") -> None:
        message = notice.message.removeprefix(f"{name}: ")
        click.echo(f"{notice.severity}: {name}: {message}", err=True)

    return tell


def _load(
    src: str,
    tgt: str,
    mt: Sequence[str],
    mt_reverse: Sequence[str],
    models: tuple[str | None, str | None],
    segment: bool,
    langs: tuple[str, str],
) -> "DocumentPair":
    from dragoman.corpora.alignment import DocumentPair

    if src == tgt == "-":
        raise click.UsageError("only one of SRC and TGT can be standard input")
    sentences = _sentences(src, langs[0], segment), _sentences(tgt, langs[1], segment)
    hypotheses = [_lines(name, langs[1]) for name in mt]
    reverse = [_lines(name, langs[0]) for name in mt_reverse]
    for rows, names, side in ((hypotheses, mt, src), (reverse, mt_reverse, tgt)):
        count = len(sentences[0] if side == src else sentences[1])
        for name, lines in zip(names, rows, strict=False):
            if len(lines) != count:
                raise MismatchError(f"{name} has {len(lines)} lines for the {count} sentences of {side}")
    if models[0]:
        hypotheses.append(_translated(sentences[0], models[0], *langs))
    if models[1]:
        reverse.append(_translated(sentences[1], models[1], *reversed(langs)))
    return DocumentPair(
        sentences[0],
        sentences[1],
        list(zip(*hypotheses, strict=True)) if hypotheses else None,
        list(zip(*reverse, strict=True)) if reverse else None,
        name=Path(src).name,
    )


def _translated(sentences: list[str], model: str, src_lang: str, tgt_lang: str) -> list[str]:
    from dragoman.translate.translation import translate

    found = translate(sentences, model=model, src_lang=src_lang, tgt_lang=tgt_lang)
    return [hypothesis.text for hypothesis in found]


def _render(layout: str, beads: "list[Bead]", document: "DocumentPair", langs: tuple[str, str]) -> bytes:
    from dragoman.corpora import bead_files

    if layout == "tmx":
        from dragoman.corpora.tmx import write_tmx
        from dragoman.units import Bitext

        units = [
            unit
            for unit in bead_files.bead_units(beads, document.src, document.tgt, document.name)
            if unit.src and unit.tgt
        ]
        stream = io.BytesIO()
        write_tmx(Bitext(units, *langs, name=document.name), stream)
        return stream.getvalue()
    lines = {
        "ladder": lambda: bead_files.ladder_lines(beads),
        "jsonl": lambda: bead_files.jsonl_lines(beads, document.src, document.tgt),
        "html": lambda: bead_files.html_lines(beads, document.src, document.tgt, document.name),
        "tsv": lambda: bead_files.tsv_lines(beads, document.src, document.tgt),
    }[layout]()
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


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
