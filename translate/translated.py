"""A translated document, and what every writer makes of it: running text and translation units."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dragoman.corpora.formats.slots import Template
from dragoman.corpora.provenance import Match
from dragoman.units import Bitext, Document, Hypothesis, Segment, TranslationUnit


@dataclass(frozen=True, slots=True)
class Translated:
    """A document, the segments of it that were translated, and a hypothesis for each.

    Attributes:
        document: as read.
        segments: in document order; boilerplate is only in `document.lines`.
        hypotheses: one a segment.
        model: name of the model behind the hypotheses of origin "mt".
        matches: translations of similar sources, by the segment's index.
        engine: key under which a translation memory keeps the model's translations, "" for none.
        template: what the translations are put back into, None for articles.
        original: the document's bytes, of a text in UTF-8.
    """

    document: Document
    segments: tuple[Segment, ...]
    hypotheses: tuple[Hypothesis, ...]
    model: str
    matches: Mapping[int, Sequence[Match]] = field(default_factory=dict)
    engine: str = ""
    template: Template | None = None
    original: bytes = b""

    def __post_init__(self) -> None:
        if len(self.segments) != len(self.hypotheses):
            raise ValueError(f"{len(self.segments)} segments and {len(self.hypotheses)} hypotheses")

    def text(self) -> str:
        """Return the translation as text: a paragraph a line, blank lines where the document has them."""
        text = io.StringIO()
        for i, (segment, hypothesis) in enumerate(zip(self.segments, self.hypotheses, strict=True)):
            if i:
                before = self.segments[i - 1]
                gap = self.document.text[before.end : segment.start]
                is_new = segment.paragraph != before.paragraph
                text.write(("\n\n" if gap.count("\n") > 1 else "\n") if is_new else " ")
            text.write(hypothesis.text)
        return text.getvalue() + "\n"

    def bitext(self) -> Bitext:
        """Return the segments as translation units; a unit's score is its log-probability a token."""
        name = self.document.name
        return Bitext(
            tuple(
                TranslationUnit(
                    src=" ".join(segment.text.split()),
                    tgt=hypothesis.text,
                    unit_id=f"s{number}",
                    document=name,
                    origin=str(hypothesis.origin),
                    model=self.model if hypothesis.logprob is not None else "",
                    score=hypothesis.mean_logprob,
                    flags=hypothesis.flags,
                    props=(("role", str(segment.role)), ("paragraph", str(segment.paragraph))),
                )
                for number, (segment, hypothesis) in enumerate(
                    zip(self.segments, self.hypotheses, strict=True), 1
                )
            ),
            name=name,
        )
