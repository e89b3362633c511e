"""The files of one run: all of them appear together, or none does.

They are made in a folder beside OUT and renamed into it when all are complete, `run.json` last: where it
stands, the others are whole and belong to it.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import BinaryIO

from dragoman.corpora.normalisation import NORMALISER_VERSION
from dragoman.corpora.tmx import write_tmx
from dragoman.corpora.xliff import write_xliff
from dragoman.errors import OutputError
from dragoman.eval.article_report import ArticleReport, ModelFacts
from dragoman.eval.report import render_article
from dragoman.eval.results import InputFile
from dragoman.pipeline import ArticleRun
from dragoman.translate.translated import Translated
from dragoman.units import Flag, Hypothesis, Role

FILES = (
    "translation.txt",
    "bitext.tmx",
    "bitext.xlf",
    "segments.jsonl",
    "scores.json",
    "report.html",
    "run.json",
)
_PACKAGES = (
    "dragoman",
    "ctranslate2",
    "transformers",
    "torch",
    "sentencepiece",
    "sacrebleu",
    "trafilatura",
    "lxml",
)


def write_run(run: ArticleRun, out: Path) -> tuple[Path, ...]:
    """Write the results of a run to a folder, which is made when it is not there.

    Args:
        run: what `dragoman.pipeline.run_article` returned.
        out: folder; files of an earlier run in it are replaced, others are left alone.

    Returns:
        The paths of the files written, in the order of `FILES`.

    Raises:
        OutputError: the folder cannot be written or the disk is full; what stood there before still does.
    """
    translated = Translated(run.document, run.segments, run.hypotheses, run.engine.model)
    writers: dict[str, Callable[[BinaryIO], object]] = {
        "translation.txt": lambda stream: stream.write(translated.text().encode()),
        "bitext.tmx": lambda stream: write_tmx(translated.bitext(), stream),
        "bitext.xlf": lambda stream: write_xliff(translated.bitext(), stream, original=run.document.name),
        "segments.jsonl": lambda stream: stream.write(_segments_jsonl(run).encode()),
        "scores.json": lambda stream: stream.write(_json(scores_json(run)).encode()),
        "report.html": lambda stream: stream.write(render_article(_report(run)).encode()),
        "run.json": lambda stream: stream.write(_json(_run_json(run)).encode()),
    }
    staging: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".tmp-", dir=out.parent))
        for name in FILES:
            with (staging / name).open("xb") as stream:
                writers[name](stream)
                stream.flush()
                os.fsync(stream.fileno())
        out.mkdir(exist_ok=True)
        for name in FILES:
            (staging / name).replace(out / name)
    except OSError as error:
        raise OutputError(f"cannot write to {out}: {error.strerror or error}") from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return tuple(out / name for name in FILES)


def _segments_jsonl(run: ArticleRun) -> str:
    """One segment a line: offsets into the article, both texts, provenance, doubts, references."""
    beads: dict[int, list[dict[str, object]]] = {}
    for reference in run.references:
        for bead in reference.beads:
            for i in bead.src:
                beads.setdefault(i, []).append(
                    {
                        "reference": reference.name,
                        "kind": bead.kind,
                        "text": " ".join(reference.sentences[k] for k in bead.tgt),
                        "score": round(bead.score, 4),
                        "confidence": round(bead.confidence, 4),
                    }
                )
    lines = []
    for i, (segment, hypothesis) in enumerate(zip(run.segments, run.hypotheses, strict=True)):
        row = {
            "id": f"s{i + 1}",
            "start": segment.start,
            "end": segment.end,
            "paragraph": segment.paragraph,
            "role": str(segment.role),
            "src": segment.text,
            "tgt": hypothesis.text,
            **_provenance(hypothesis),
            "references": beads.get(i, []),
        }
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)


def _provenance(hypothesis: Hypothesis) -> dict[str, object]:
    return {
        "origin": str(hypothesis.origin),
        "logprob": None if hypothesis.logprob is None else round(hypothesis.logprob, 4),
        "src_tokens": hypothesis.n_src_tokens,
        "tgt_tokens": hypothesis.n_tgt_tokens,
        "flags": [_flag_json(flag) for flag in hypothesis.flags],
    }


def _flag_json(flag: Flag) -> dict[str, str]:
    return {"kind": flag.kind, "severity": str(flag.severity), "message": flag.message}


def _set_apart(run: ArticleRun) -> list[dict[str, object]]:
    return [
        {
            "start": line.start,
            "end": line.end,
            "reason": line.reason,
            "text": run.document.text[line.start : line.end],
        }
        for line in run.document.lines
        if line.role is Role.BOILERPLATE
    ]


def _run_json(run: ArticleRun) -> dict[str, object]:
    """What it takes to know, and to do again, what was done."""
    engine, options = run.engine, run.options
    flags = Counter(flag.kind for hypothesis in run.hypotheses for flag in hypothesis.flags)
    return {
        "versions": dict(_versions()),
        "article": {
            "name": run.document.name,
            "sha256": run.document.sha256,
            "encoding": run.document.encoding,
            "notices": [
                {"kind": n.kind, "severity": str(n.severity), "message": n.message}
                for n in run.document.notices
            ],
        },
        "references": [
            {"name": file.name, "sha256": file.sha256} for file in _inputs(run) if file.role == "reference"
        ],
        "model": {
            "name": engine.model,
            "sha256": engine.digest,
            "backend": engine.backend,
            "backend_version": engine.version,
            "device": engine.device,
            "compute_type": engine.compute_type,
            "workers": engine.n_workers,
            "threads": engine.n_threads,
        },
        "decoding": {**dict(_decoding(run)), "normaliser": NORMALISER_VERSION},
        "options": {"keep_all": options.keep_all, "any_language": options.any_language},
        "counts": {
            "segments": len(run.segments),
            "by_origin": dict(Counter(str(h.origin) for h in run.hypotheses)),
            "by_role": dict(Counter(str(line.role) for line in run.document.lines)),
            "flags": dict(sorted(flags.items())),
        },
        "set_apart": _set_apart(run),
        "seconds": {name: round(seconds, 3) for name, seconds in run.seconds},
    }


def _decoding(run: ArticleRun) -> Sequence[tuple[str, int | float]]:
    d = run.decoding
    return (
        ("beam", d.beam),
        ("length_penalty", d.length_penalty),
        ("max_src_tokens", run.engine.max_src_tokens),
    )


def _versions() -> list[tuple[str, str]]:
    found = []
    for package in _PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _inputs(run: ArticleRun) -> tuple[InputFile, ...]:
    article = InputFile("source", run.document.name, run.document.sha256, len(run.segments))
    return (article, *(run.scores.inputs if run.scores else ()))


def scores_json(run: ArticleRun) -> dict[str, object]:
    """Return the scores with signature, mode and coverage; no scores and the reason where there are none."""
    if run.scores is None:
        reason = (
            "no sentence of the references could be aligned" if run.references else "no reference was given"
        )
        return {"scores": [], "reason": reason}
    report = run.scores
    return {
        "mode": str(report.mode),
        "coverage": str(report.coverage),
        "scores": [
            {
                "name": metric.name,
                "score": metric.score,
                "signature": metric.signature,
                "interval": metric.interval
                and {"mean": metric.interval.mean, "half_width": metric.interval.half_width},
                "line": str(metric),
            }
            for metric in report.metrics
        ],
        "units": [
            {
                "segments": row.seg_id,
                "hyp": row.hyp,
                "refs": row.refs,
                "scores": [round(x, 4) for x in row.scores],
            }
            for row in report.segments
        ],
        "excluded": [
            {"side": e.side, "where": e.where, "reason": e.reason, "text": e.text} for e in report.excluded
        ],
        "notices": [n.message for n in report.notices],
    }


def _report(run: ArticleRun) -> ArticleReport:
    engine = run.engine
    facts = (
        ("back end", f"{engine.backend} {engine.version}"),
        ("device", f"{engine.device}, {engine.compute_type}"),
        ("model digest", engine.digest),
    )
    return ArticleReport(
        title="",
        document=run.document,
        segments=run.segments,
        hypotheses=run.hypotheses,
        model=ModelFacts(engine.model, facts, engine.notice),
        references=run.references,
        scores=(run.scores,) if run.scores else (),
        decoding=tuple((name, str(value)) for name, value in _decoding(run)),
        timings=run.seconds,
        inputs=_inputs(run),
        versions=tuple(_versions()),
    )
