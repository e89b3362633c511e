"""Measure the project's own quality: the figures behind `eval/floors.json`, and what risk signals are worth.

Stands above translate and eval because it translates and scores. Data that may not be redistributed is
looked for in the folder that the caller names (DRAGOMAN_BENCH on the command line).
"""

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from dragoman.corpora.alignment import DocumentPair, align_corpus
from dragoman.corpora.bead_files import Span, read_ladder
from dragoman.corpora.segmentation import split
from dragoman.eval.alignment import score_beads
from dragoman.eval.gate import Measure, Measurement, digest_files
from dragoman.eval.metrics import SacreMetric
from dragoman.eval.risk import RankedSignal, rank_signals, segment_risks
from dragoman.translate.qa import check
from dragoman.translate.translation import translate
from dragoman.units import Severity

ROOT = Path(__file__).resolve().parents[1]
_STARTER_SEGMENTS = 100  # of flores-dev: enough to see a broken model, and a minute on two cores


def measures(bench: Path | None) -> Mapping[str, Measure]:
    """Return a measure for every floor.

    Args:
        bench: folder of development benchmarks, None when there is none.
    """
    found: dict[str, Measure] = {
        "qa/planted-faults/recall": functools.partial(_qa_recall, ROOT / "tests/fixtures/qa"),
        "qa/good-pairs/unflagged": functools.partial(_qa_unflagged, ROOT / "tests/fixtures/qa"),
    }
    for name in ("ar-padt-dev-fine", "en-ewt-dev"):
        folder = None if bench is None else bench / "segment" / name
        found[f"segmentation/{name}/precision"] = functools.partial(_segmentation, folder, 0)
        found[f"segmentation/{name}/F1"] = functools.partial(_segmentation, folder, 1)
    for name, translation in (("parice", ""), ("textberg-dev", "google")):
        folder = None if bench is None else bench / "align" / name
        found[f"alignment/{name}/strict-F1"] = functools.partial(_alignment, folder, translation)
    for metric in ("bleu", "chrf++"):
        folder = None if bench is None else bench / "mt"
        found[f"starter/flores-dev-{_STARTER_SEGMENTS}/{metric}"] = functools.partial(
            _starter, folder, metric
        )
    return found


def risk_signals(
    src: Sequence[str],
    refs: Sequence[str],
    *,
    model: str = "starter-ar-en",
    progress: Callable[[int], None] | None = None,
) -> list[RankedSignal]:
    """Translate, take the risk signals without the references, and rank them by segment chrF against them.

    Args:
        src: source segments.
        refs: a reference each.
        model: catalogue name, folder or hub id.
        progress: told how many further segments are done.
    """
    hypotheses = translate(src, model=model, progress=progress)
    texts = [hypothesis.text for hypothesis in hypotheses]
    risks = segment_risks(src, texts, mean_logprobs=[hypothesis.mean_logprob for hypothesis in hypotheses])
    return rank_signals(risks, texts, refs)


def _segmentation(folder: Path | None, which: int) -> Measurement | None:
    """Precision (0) or F1 (1) of sentence boundaries, counted in characters that are not white space."""
    if folder is None or not (folder / "units.jsonl").is_file():
        return None
    lang = folder.name.split("-")[0]
    n_hit = n_found = n_gold = 0
    for line in (folder / "units.jsonl").read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        unit = json.loads(line)
        text = unit["text"]
        total = _visible(text)
        gold = {_visible(text[:end]) for _, end in unit["sents"][:-1]}
        ignored = {_visible(text[:place]) for place in unit.get("ignore", [])}
        found = set(_ends(split(text, lang))) - {0, total} - ignored
        n_hit, n_found, n_gold = n_hit + len(found & gold), n_found + len(found), n_gold + len(gold)
    precision, recall = n_hit / max(1, n_found), n_hit / max(1, n_gold)
    f1 = 2 * precision * recall / (precision + recall) if n_hit else 0.0
    return Measurement((precision, f1)[which], digest_files([folder / "units.jsonl"]))


def _visible(text: str) -> int:
    return len("".join(text.split()))


def _ends(sentences: Sequence[str]) -> Iterator[int]:
    total = 0
    for sentence in sentences:
        total += _visible(sentence)
        yield total


def _alignment(folder: Path | None, translation: str) -> Measurement | None:
    """Strict F1 of beads over the documents of a folder, with a translation of the source or without."""
    golds = [] if folder is None else sorted(folder.glob("*.gold"))
    if not golds:
        return None
    used: list[Path] = []
    gold: list[list[Span]] = []
    documents: list[DocumentPair] = []
    for path in golds:
        src, tgt = path.with_suffix(".src"), path.with_suffix(".tgt")
        mt = path.with_suffix(f".s2t.{translation}") if translation else None
        used += [path, src, tgt, *([mt] if mt else [])]
        gold.append(read_ladder(path))
        documents.append(DocumentPair(_text_lines(src), _text_lines(tgt), mt=_text_lines(mt) if mt else None))
    score = score_beads(gold, list(align_corpus(documents)))
    return Measurement(score.strict.f1, digest_files(used))


def _text_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


@functools.cache
def _starter_output(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    src, refs = (
        tuple((folder / f"flores-dev.{lang}").read_text(encoding="utf-8").split("\n")[:_STARTER_SEGMENTS])
        for lang in ("ar", "en")
    )
    return tuple(hypothesis.text for hypothesis in translate(src)), refs


def _starter(folder: Path | None, metric: str) -> Measurement | None:
    if folder is None or not (folder / "flores-dev.ar").is_file():
        return None
    hyps, refs = _starter_output(folder)
    digest = digest_files([folder / "flores-dev.ar", folder / "flores-dev.en"])
    return Measurement(SacreMetric(metric, [refs]).measure(hyps).corpus, digest)


def _qa_recall(folder: Path) -> Measurement | None:
    """Share of planted faults that get a flag of their kind."""
    rows = _rows(folder / "faults.tsv")
    hits = [kind in {flag.kind for flag in check(src, tgt)} for kind, src, tgt in rows]
    return Measurement(sum(hits) / len(hits), digest_files([folder / "faults.tsv"])) if hits else None


def _qa_unflagged(folder: Path) -> Measurement | None:
    """Share of good pairs without an error or a warning."""
    rows = _rows(folder / "good.tsv")
    clean = [all(flag.severity is Severity.INFO for flag in check(src, tgt)) for src, tgt in rows]
    return Measurement(sum(clean) / len(clean), digest_files([folder / "good.tsv"])) if clean else None


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    return [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line]
