"""The page of one translated article: from the frozen report to what its template draws."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from dragoman.eval.article_report import ArticleReport, ReferenceText
from dragoman.eval.report_page import plain, render_page, visible
from dragoman.eval.worddiff import pieces, shared_words, words
from dragoman.units import Bead, Flag, Line, Notice, Role, Severity

_SEVERITY_WEIGHT = {Severity.ERROR: 100.0, Severity.WARNING: 10.0, Severity.INFO: 0.0}
# Below this calibrated probability the page asks the reader to check the alignment itself.
_DOUBTFUL_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class _ReferenceView:
    """The reference of one row: its text with difference marks, and how sure the alignment is."""

    label: str
    text: Markup
    kind: str
    confidence: str
    doubtful: bool
    score: str
    together: str  # "4–5" when the bead covers several segments


@dataclass(slots=True)
class _Row:
    """One segment as the template draws it."""

    number: int
    role: str
    role_reason: str
    src: Markup
    tgt: Markup
    origin: str
    flags: tuple[Flag, ...]
    logprob: str
    risk: float
    score: float | None
    references: list[_ReferenceView] = field(default_factory=list)

    @property
    def worst(self) -> str:
        """The most severe of the row's flags, "" without one."""
        found = {flag.severity for flag in self.flags}
        return next((str(s) for s in (Severity.ERROR, Severity.WARNING, Severity.INFO) if s in found), "")


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Rows of one paragraph of the source."""

    number: int
    rows: tuple[_Row, ...]


def render_article_page(report: ArticleReport) -> str:
    """Return the page as one HTML document."""
    rows = _rows(report)
    flag_counts = Counter(
        (flag.kind, str(flag.severity)) for h in report.hypotheses for flag in dict.fromkeys(h.flags)
    )
    n_flagged = {
        severity: sum(any(f.severity == severity for f in h.flags) for h in report.hypotheses)
        for severity in Severity
    }
    heading = _heading(report)
    return render_page(
        "article.html.j2",
        ("theme.css", "article.css"),
        ("page.js", "article.js"),
        report=report,
        heading=heading,
        page_title=plain(heading),
        title_translation=_translation_of(report, heading),
        paragraphs=_paragraphs(report, rows),
        n_rows=len(rows),
        n_words=sum(len(segment.text.split()) for segment in report.segments),
        n_copied=sum(h.origin != "mt" for h in report.hypotheses),
        n_flagged={str(severity): n for severity, n in n_flagged.items()},
        flag_counts=sorted(
            flag_counts.items(), key=lambda item: (-_SEVERITY_WEIGHT[Severity(item[0][1])], -item[1])
        ),
        origins=sorted({str(h.origin) for h in report.hypotheses}),
        roles=list(dict.fromkeys(str(s.role) for s in report.segments)),
        has_scores=any(row.score is not None for row in rows),
        set_apart=list(_set_apart(report)),
        unmatched=[(reference.name, list(_unmatched(reference))) for reference in report.references],
        notices=_notices(report),
        total_seconds=sum(seconds for _, seconds in report.timings),
    )


def _heading(report: ArticleReport) -> str:
    if report.title:
        return report.title
    title = next((segment.text for segment in report.segments if segment.role == Role.TITLE), "")
    return title or report.document.name or "Article"


def _translation_of(report: ArticleReport, heading: str) -> str:
    """Return the translation of the heading where the heading is a segment of the article."""
    pairs = zip(report.segments, report.hypotheses, strict=True)
    return next((hypothesis.text for segment, hypothesis in pairs if segment.text == heading), "")


def _notices(report: ArticleReport) -> list[Notice]:
    """Return document and run notices, each once, the worst first."""
    order = list(Severity)
    return sorted(
        dict.fromkeys((*report.document.notices, *report.notices)), key=lambda n: order.index(n.severity)
    )


def _rows(report: ArticleReport) -> list[_Row]:
    """Return one row a segment, in document order."""
    marked = _mark_hypotheses(report)
    starts = [line.start for line in report.document.lines]
    rows = []
    for i, (segment, hypothesis) in enumerate(zip(report.segments, report.hypotheses, strict=True)):
        line = _line_at(report.document.lines, starts, segment.start)
        mean = hypothesis.mean_logprob
        risk = (
            report.risks[i]
            if report.risks
            else sum(_SEVERITY_WEIGHT[flag.severity] for flag in hypothesis.flags) - (mean or 0.0)
        )
        row = _Row(
            number=i + 1,
            role=str(segment.role),
            role_reason=line.reason if line else "",
            src=visible(segment.text),
            tgt=marked.get(i, visible(hypothesis.text)),
            origin=str(hypothesis.origin),
            flags=tuple(dict.fromkeys(hypothesis.flags)),
            logprob="" if mean is None else f"{mean:.2f}".replace("-", "\N{MINUS SIGN}"),
            risk=risk,
            score=None,
        )
        rows.append(row)
    for n, reference in enumerate(report.references):
        label = "Reference" if len(report.references) == 1 else f"Reference {n + 1}"
        for k, bead in enumerate(reference.beads):
            score = reference.bead_scores[k] if reference.bead_scores else None
            for i in bead.src if bead.tgt else ():
                rows[i].references.append(_reference_view(report, reference, bead, label, score))
                if rows[i].score is None:
                    rows[i].score = score
    return rows


def _line_at(lines: Sequence[Line], starts: Sequence[int], offset: int) -> Line | None:
    """Return the line that holds the code point at `offset`."""
    line = lines[bisect_right(starts, offset) - 1] if starts and offset >= starts[0] else None
    return line if line is not None and offset < line.end else None


def _reference_view(
    report: ArticleReport, reference: ReferenceText, bead: Bead, label: str, score: float | None
) -> _ReferenceView:
    text = " ".join(reference.sentences[j] for j in bead.tgt)
    hypothesis = " ".join(report.hypotheses[i].text for i in bead.src)
    _, shared = shared_words(words(hypothesis), words(text))
    return _ReferenceView(
        label=label,
        text=_mark(text, shared, "missing"),
        kind=bead.kind,
        confidence=f"{100 * bead.confidence:.0f} %",
        doubtful=bead.confidence < _DOUBTFUL_CONFIDENCE,
        score="" if score is None else f"{score:.0f}",
        together=f"{bead.src.start + 1}–{bead.src.stop}" if len(bead.src) > 1 else "",
    )


def _mark_hypotheses(report: ArticleReport) -> dict[int, Markup]:
    """Mark the words of each hypothesis that the first reference lacks; the whole bead is compared."""
    marked: dict[int, Markup] = {}
    for bead in report.references[0].beads if report.references else ():
        if not bead.src or not bead.tgt:
            continue
        texts = [report.hypotheses[i].text for i in bead.src]
        reference = " ".join(report.references[0].sentences[j] for j in bead.tgt)
        shared, _ = shared_words(words(" ".join(texts)), words(reference))
        for i, text in zip(bead.src, texts, strict=True):
            n = len(words(text))
            marked[i], shared = _mark(text, shared[:n], "extra"), shared[n:]
    return marked


def _mark(text: str, shared: Sequence[bool], css_class: str) -> Markup:
    """Return safe markup with the runs that are not shared in a `<span>`; drawn when the reader asks."""
    return Markup("").join(
        visible(run) if is_shared else Markup('<span class="{}">{}</span>').format(css_class, visible(run))
        for run, is_shared in pieces(text, shared)
    )


def _paragraphs(report: ArticleReport, rows: Sequence[_Row]) -> list[_Paragraph]:
    """Group the rows by the paragraph of their segments, in document order."""
    groups: list[list[_Row]] = []
    last: tuple[int, Role] | None = None
    for segment, row in zip(report.segments, rows, strict=True):
        key = (segment.paragraph, segment.role)
        if key != last:
            groups.append([])
        groups[-1].append(row)
        last = key
    return [_Paragraph(n + 1, tuple(group)) for n, group in enumerate(groups)]


def _set_apart(report: ArticleReport) -> Iterator[tuple[int, Line, str]]:
    """Yield (line number in the text, line, its text) of what no segment covers."""
    segments = sorted(report.segments, key=lambda segment: segment.start)
    ends = [segment.end for segment in segments]
    text = report.document.text
    number, counted = 1, 0
    for line in report.document.lines:
        number, counted = number + text.count("\n", counted, line.start), line.start
        first_after = bisect_right(ends, line.start)
        if first_after == len(segments) or segments[first_after].start >= line.end:
            yield number, line, text[line.start : line.end]


def _unmatched(reference: ReferenceText) -> Iterator[str]:
    """Yield the reference's sentences that no source segment was found for."""
    for bead in reference.beads:
        if not bead.src:
            yield from (reference.sentences[j] for j in bead.tgt)
