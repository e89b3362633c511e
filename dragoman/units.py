"""The plain types that travel through dragoman: Document, Segment, Hypothesis, Bead, Bitext.

A document's way: bytes → `Document` (text with a role for each line) → `Segment`s (offsets into the text, so
that nothing is lost) → a `Hypothesis` a segment → `Bead`s between source and target sentences → `Bitext`.
All offsets count code points (Python `str` indices), end exclusive. All types are frozen; validation happens
once, here, in `__post_init__`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a line of an article is. All but boilerplate is translated."""

    TITLE = "title"
    BODY = "body"
    NOTE = "note"
    CREDIT = "credit"
    BOILERPLATE = "boilerplate"


class Severity(StrEnum):
    """How much a flag matters: an error must be looked at, a warning should be, info says what was done."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Origin(StrEnum):
    """Where a hypothesis comes from."""

    MT = "mt"
    COPY = "copy"  # numbers, URLs, text without letters of the source language: bypasses the model
    TM = "tm"  # translation memory, exact match


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader saw and the user should know, such as a guessed encoding."""

    kind: str
    message: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document that is not blank: `text[start:end]`, its role and why it has that role.

    `paragraph` numbers paragraphs from 0; hard-wrapped lines of one paragraph share a number.
    """

    start: int
    end: int
    role: Role
    reason: str
    paragraph: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a line needs 0 <= start < end, got {self.start}, {self.end}")


@dataclass(frozen=True, slots=True)
class Document:
    r"""A text as read, and the role of each of its lines.

    Attributes:
        name: where it comes from: a path as given, "-" for standard input, an id.
        text: the decoded text, line ends as `\n`; never normalised beyond that. For HTML: the page's visible
            text, a block a line, so that what was set apart stays in view.
        lines: the lines that are not blank, in order, without overlap.
        notices: what the reader saw (guessed encoding, replaced bytes …).
        lang: BCP 47 code of the language.
        encoding: how the bytes were decoded, for instance "utf-8" or "windows-1256".
        sha256: hex digest of the bytes as read ("" when the text did not come from bytes).
    """

    name: str
    text: str
    lines: tuple[Line, ...]
    notices: tuple[Notice, ...] = ()
    lang: str = "ar"
    encoding: str = "utf-8"
    sha256: str = ""

    def __post_init__(self) -> None:
        end = 0
        for line in self.lines:
            if line.start < end or line.end > len(self.text):
                raise ValueError(f"line {line.start}:{line.end} overlaps or leaves the text")
            end = line.end


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence (or title, or list item) of a document: `text == document.text[start:end]`."""

    start: int
    end: int
    text: str
    role: Role = Role.BODY
    paragraph: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or len(self.text) != self.end - self.start:
            raise ValueError(
                f"segment {self.start}:{self.end} does not fit its text of {len(self.text)} code points"
            )


@dataclass(frozen=True, slots=True)
class Flag:
    """A doubt about one translation: `kind` is a stable slug, `message` one line for a person."""

    kind: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A translation of one segment.

    Attributes:
        text: the translation, on one line.
        origin: model, copy or translation memory.
        logprob: sum of the natural-log probabilities of the target tokens, end-of-sentence included; None
            when no model was asked.
        n_src_tokens: tokens given to the model, end-of-sentence included (0 without a model).
        n_tgt_tokens: tokens that the model produced, end-of-sentence included (0 without a model).
        flags: what the decoder or the checks doubt.
    """

    text: str
    origin: Origin = Origin.MT
    logprob: float | None = None
    n_src_tokens: int = 0
    n_tgt_tokens: int = 0
    flags: tuple[Flag, ...] = ()

    @property
    def mean_logprob(self) -> float | None:
        """Log-probability a target token, None when no model was asked."""
        return None if self.logprob is None else self.logprob / max(1, self.n_tgt_tokens)


@dataclass(frozen=True, slots=True)
class Bead:
    """Source sentences and the target sentences that translate them; one side may be empty (a null bead).

    Attributes:
        src: half-open range of source sentence indices, as a `range` with step 1.
        tgt: half-open range of target sentence indices.
        score: how well the two sides match; higher is better, scale of the aligner.
        confidence: calibrated probability in [0, 1] that the bead is right as it stands.
        monotone: False when the bead crosses others (content that moved).
    """

    src: range
    tgt: range
    score: float = 0.0
    confidence: float = 1.0
    monotone: bool = True

    def __post_init__(self) -> None:
        if not self.src and not self.tgt:
            raise ValueError("a bead needs at least one sentence on one side")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence {self.confidence} is outside [0, 1]")

    @property
    def kind(self) -> str:
        """The bead's type in the field's notation: "1-1", "2-1", "0-1" …."""
        return f"{len(self.src)}-{len(self.tgt)}"


@dataclass(frozen=True, slots=True)
class TranslationUnit:
    """A source text and its translation, as CAT tools exchange them.

    Attributes:
        src: source text.
        tgt: target text ("" when there is none yet).
        unit_id: stable identifier inside its bitext.
        document: name of the document it comes from.
        origin: "mt", "copy", "tm", "human", "aligned" …: who made the target.
        model: name of the model behind an MT target.
        score: quality or alignment score, None when unknown.
        flags: doubts about the target.
        props: further key-value pairs that a format may carry.
    """

    src: str
    tgt: str
    unit_id: str = ""
    document: str = ""
    origin: str = ""
    model: str = ""
    score: float | None = None
    flags: tuple[Flag, ...] = ()
    props: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Bitext:
    """Translation units of one language pair, in order."""

    units: Sequence[TranslationUnit]
    src_lang: str = "ar"
    tgt_lang: str = "en"
    name: str = field(default="")
