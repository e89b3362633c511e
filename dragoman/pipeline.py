"""The main job: an Arabic article in; its translation, aligned references and scores out.

read → segment → translate → align each reference through the hypotheses → score. Every step is a public
function of a layer below; this file puts them in order. `dragoman.outputs` writes what it returns.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dragoman.corpora.alignment import align
from dragoman.corpora.reading import read
from dragoman.corpora.segmentation import segment
from dragoman.errors import NoTextError
from dragoman.eval.article_report import ReferenceText
from dragoman.eval.results import InputFile, ScoreReport
from dragoman.eval.scoring import Options as ScoringOptions
from dragoman.eval.scoring import score_beads
from dragoman.models.catalog import resolve
from dragoman.models.conversion import is_converted
from dragoman.models.engine import Decoding, EngineInfo, load
from dragoman.translate.qa import checked
from dragoman.translate.translation import translate
from dragoman.units import Bead, Document, Hypothesis, Role, Segment

_PAGES = (".html", ".htm", ".xhtml")
# The unit in which the report shows how near a bead's translation is to its reference.
_BEAD_METRIC = ScoringOptions(metrics=("chrf++",), n_bootstrap=0)


@dataclass(frozen=True, slots=True)
class Options:
    """How an article is translated.

    Attributes:
        model: catalogue name, folder or hub id.
        backend: "auto", "ctranslate2" or "transformers".
        device: "auto", "cpu" or "cuda".
        beam: hypotheses kept at each decoding step.
        threads: CPU threads, 0 for every core.
        encoding: of the article; found out when None.
        keep_all: translate what looks like boilerplate as well.
        any_language: go on when the text does not look Arabic.
    """

    model: str = "starter-ar-en"
    backend: str = "auto"
    device: str = "auto"
    beam: int = 4
    threads: int = 0
    encoding: str | None = None
    keep_all: bool = False
    any_language: bool = False


@dataclass(frozen=True, slots=True)
class ArticleRun:
    """Everything that one run found out about an article.

    Attributes:
        document: the article as read.
        segments: what was translated, in document order; boilerplate is in `document.lines` only.
        hypotheses: one a segment.
        references: each with its sentences and beads.
        scores: of the hypotheses over the aligned beads; None without a reference.
        engine: the model and how it was run.
        decoding: how hypotheses were searched for.
        options: what was asked for.
        seconds: (step, wall-clock seconds) in order.
    """

    document: Document
    segments: tuple[Segment, ...]
    hypotheses: tuple[Hypothesis, ...]
    references: tuple[ReferenceText, ...]
    scores: ScoreReport | None
    engine: EngineInfo
    decoding: Decoding
    options: Options
    seconds: tuple[tuple[str, float], ...]


class _Clock:
    """Wall-clock seconds of each step."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self.announce = announce
        self.steps: list[tuple[str, float]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.announce(name)
        start = time.perf_counter()
        yield
        self.steps.append((name, time.perf_counter() - start))


def run_article(
    article: str | Path,
    *,
    references: Sequence[str | Path] = (),
    options: Options | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> ArticleRun:
    """Translate an article and, where there are references, align and score it.

    Args:
        article: text or HTML file, "-" for standard input.
        references: English versions of the article, segmented in any way.
        options: model, back end and the like.
        announce: called with the name of each step when it begins.

    Raises:
        InputError: the article or a reference cannot be used.
        ModelError: the model cannot be used.
    """
    options = options or Options()
    clock = _Clock(announce)
    with clock.step("read"):
        document = read(
            article,
            encoding=options.encoding,
            keep_all=options.keep_all,
            any_language=options.any_language,
        )
        reference_documents = [_read_reference(path) for path in references]
    with clock.step("segment"):
        segments = tuple(s for s in segment(document) if s.role is not Role.BOILERPLATE)
    with clock.step(_loading(options)):
        engine = load(options.model, backend=options.backend, device=options.device, threads=options.threads)
    decoding = Decoding(beam=options.beam)
    with clock.step("translate"):
        texts = [s.text for s in segments]
        hypotheses = tuple(translate(texts, model=engine, beam=decoding.beam))
        hypotheses = tuple(checked(text, h) for text, h in zip(texts, hypotheses, strict=True))
    with clock.step("align"):
        aligned = tuple(_align(reference, segments, hypotheses) for reference in reference_documents)
    with clock.step("score"):
        scores = _score(reference_documents, segments, hypotheses, aligned) if aligned else None
    return ArticleRun(
        document, segments, hypotheses, aligned, scores, engine.info, decoding, options, tuple(clock.steps)
    )


def _loading(options: Options) -> str:
    """Name the step that loads the model: its first use converts it, which takes a while."""
    if options.backend == "transformers" or is_converted(resolve(options.model), "int8"):
        return "load"
    return "convert and load"


def _read_reference(path: str | Path) -> Document:
    """Read an English version: of a page the article, of a text file all of it."""
    return read(path, lang="en", keep_all=Path(path).suffix.lower() not in _PAGES)


def _align(
    reference: Document, segments: Sequence[Segment], hypotheses: Sequence[Hypothesis]
) -> ReferenceText:
    """Segment a reference and align it with the article, through the translations."""
    sentences = tuple(" ".join(s.text.split()) for s in segment(reference, lang="en"))
    texts = [hypothesis.text for hypothesis in hypotheses]
    beads = tuple(align([s.text for s in segments], sentences, mt=texts))
    return ReferenceText(reference.name, sentences, beads, _bead_scores(beads, texts, sentences))


def _bead_scores(
    beads: Sequence[Bead], texts: Sequence[str], sentences: Sequence[str]
) -> tuple[float | None, ...]:
    """Score each bead by itself; null beads have no score."""
    if not any(bead.src and bead.tgt for bead in beads):
        return ()
    rows = iter(score_beads([beads], texts, [sentences], options=_BEAD_METRIC).segments)
    return tuple(next(rows).scores[0] if bead.src and bead.tgt else None for bead in beads)


def _score(
    documents: Sequence[Document],
    segments: Sequence[Segment],
    hypotheses: Sequence[Hypothesis],
    references: Sequence[ReferenceText],
) -> ScoreReport | None:
    """Score the translation against all references at once; None when nothing of them could be aligned."""
    inputs = [
        InputFile("reference", document.name, document.sha256, len(reference.sentences))
        for document, reference in zip(documents, references, strict=True)
    ]
    try:
        report = score_beads(
            [reference.beads for reference in references],
            [hypothesis.text for hypothesis in hypotheses],
            [reference.sentences for reference in references],
            src=[s.text for s in segments],
        )
    except NoTextError:
        return None
    return replace(report, inputs=tuple(inputs))
