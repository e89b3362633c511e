"""Document pairs in files: how they are read and translated for alignment, and what is written of them."""

import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

from dragoman.corpora import bead_files
from dragoman.corpora.alignment import DocumentPair, PairScorer
from dragoman.corpora.line_stream import read_lines
from dragoman.corpora.reading import read
from dragoman.corpora.segmentation import segment
from dragoman.corpora.tmx import write_tmx
from dragoman.errors import MismatchError
from dragoman.translate.shards import ShardWorker
from dragoman.units import Bead, Bitext, Notice

LAYOUTS = ("tsv", "tmx", "ladder", "jsonl", "html")
OUTPUTS_VERSION = 2  # goes up when the same inputs give other files

Notify = Callable[[str, Notice], None]


class PairFiles(NamedTuple):
    """The files of a document pair: both sides, and translations of them by line."""

    src: str
    tgt: str
    mt: tuple[str, ...] = ()
    mt_reverse: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlignOptions:
    """How the documents of a job are aligned.

    Attributes:
        layout: one of `LAYOUTS`.
        is_running_text: files are split into sentences; else they hold one a line.
        src_lang: language of the source.
        tgt_lang: language of the target.
        model: translates the source for comparison; "" for none.
        model_reverse: translates the target into the source's language; "" for none.
        threads: CPU threads of the models, 0 for every core.
        device: where the models run.
    """

    layout: str = "tsv"
    is_running_text: bool = False
    src_lang: str = "ar"
    tgt_lang: str = "en"
    model: str = ""
    model_reverse: str = ""
    threads: int = 0
    device: str = "auto"

    def configuration(self) -> dict[str, str]:
        """Return what decides the results, as a ledger keeps it; threads and device do not.

        Raises:
            ModelError: there is no such model.
        """
        from dragoman.models.catalog import resolve

        kept = {k: str(v) for k, v in asdict(self).items() if k not in ("layout", "threads", "device")}
        for name in filter(None, (self.model, self.model_reverse)):
            kept[f"digest of {name}"] = resolve(name).digest
        return {"work": "align", "format": self.layout, **kept, "outputs": str(OUTPUTS_VERSION)}

    def on(self, threads: int, device: str) -> "AlignOptions":
        """Return the same options for other threads and another device."""
        return replace(self, threads=threads, device=device)

    def worker(self, out: Path, owner: str = "") -> ShardWorker:
        """Return a worker for the job in a folder; `owner` as in `Ledger`."""
        from dragoman.translate.align_job import AlignWorker

        return AlignWorker(out, self, owner=owner)


def load_pair(files: PairFiles, options: AlignOptions, notify: Notify) -> DocumentPair:
    """Read a document pair, and translate it where a model was named.

    Args:
        files: one of the sides may be "-", standard input.
        options: languages, and the models.
        notify: told what was seen in which file.

    Raises:
        InputError: a file cannot be used.
        MismatchError: a translation has other lines than what it translates.
        ModelError: a model cannot be used.
    """
    langs = options.src_lang, options.tgt_lang
    sides = [
        _sentences(name, lang, options.is_running_text, notify)
        for name, lang in zip((files.src, files.tgt), langs, strict=True)
    ]
    hypotheses: list[list[list[str]]] = []
    for names, side, n, lang, model in (
        (files.mt, 0, files.src, langs[1], options.model),
        (files.mt_reverse, 1, files.tgt, langs[0], options.model_reverse),
    ):
        rows = [_lines(name, lang, notify) for name in names]
        for name, lines in zip(names, rows, strict=True):
            if len(lines) != len(sides[side]):
                raise MismatchError(
                    f"{name} has {len(lines)} lines for the {len(sides[side])} sentences of {n}"
                )
        if model:
            rows.append(_translated(sides[side], model, langs[side], lang, options))
        hypotheses.append(rows)
    mt, mt_reverse = (list(zip(*rows, strict=True)) if rows else None for rows in hypotheses)
    score_pairs = _scorer(options) if options.model else None
    name = Path(files.src).name
    return DocumentPair(sides[0], sides[1], mt, mt_reverse, score_pairs=score_pairs, name=name)


def render(beads: Sequence[Bead], pair: DocumentPair, options: AlignOptions) -> bytes:
    """Write an alignment in a layout."""
    if options.layout == "tmx":
        units = [
            unit
            for unit in bead_files.bead_units(beads, pair.src, pair.tgt, pair.name)
            if unit.src and unit.tgt
        ]
        stream = io.BytesIO()
        write_tmx(Bitext(units, options.src_lang, options.tgt_lang, name=pair.name), stream)
        return stream.getvalue()
    lines = {
        "ladder": lambda: bead_files.ladder_lines(beads),
        "jsonl": lambda: bead_files.jsonl_lines(beads, pair.src, pair.tgt),
        "html": lambda: bead_files.html_lines(beads, pair.src, pair.tgt, pair.name),
        "tsv": lambda: bead_files.tsv_lines(beads, pair.src, pair.tgt),
    }[options.layout]()
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _lines(name: str, lang: str, notify: Notify) -> list[str]:
    return list(read_lines(name, lang=lang, any_language=True, notify=lambda notice: notify(name, notice)))


def _sentences(name: str, lang: str, is_running_text: bool, notify: Notify) -> list[str]:
    if not is_running_text:
        return _lines(name, lang, notify)
    document = read(name, lang=lang, any_language=True)
    for notice in document.notices:
        notify(name, notice)
    return [" ".join(part.text.split()) for part in segment(document, lang=lang)]


def _translated(
    sentences: list[str], model: str, src_lang: str, tgt_lang: str, options: AlignOptions
) -> list[str]:
    from dragoman.translate.translation import translate

    found = translate(
        sentences,
        model=model,
        src_lang=src_lang,
        tgt_lang=tgt_lang,
        threads=options.threads,
        device=options.device,
    )
    return [hypothesis.text for hypothesis in found]


def _scorer(options: AlignOptions) -> PairScorer:
    from dragoman.translate.likelihood import pair_scorer

    return pair_scorer(
        options.model,
        src_lang=options.src_lang,
        tgt_lang=options.tgt_lang,
        threads=options.threads,
        device=options.device,
    )
