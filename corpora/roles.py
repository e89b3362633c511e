"""What each line of a flattened page is: title, body, note, credit or boilerplate, each with a reason.

No single sign tells a menu from a paragraph; together they do (Kohlschütter, Fankhauser, Nejdl 2010,
"Boilerplate detection using shallow text features"; Pomikálek 2011, "Removing boilerplate and duplicate
content from web corpora"). Every line gets a score: long lines with function words and a full stop speak
for an article, menu words, dates and the page's own markup against it. The main block is the contiguous run
of lines with the largest sum. What lies in it is the article, but for lines that phrases give away; above
it one line is the title; below it notes and credits still belong to the article. A line that nothing speaks
against is only set apart next to lines that something does speak against: a poem or a list is no
boilerplate.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from dragoman.corpora.language import languages
from dragoman.corpora.phrases import Effect, Hit, find_phrase, phrase_key
from dragoman.units import Role


class Hint(NamedTuple):
    """What the markup of a page says about a line; the default says nothing.

    Attributes:
        heading: level of the heading it stands in, 1 to 6; 0 when it is none.
        furniture: the part of the page that it stands in, such as "navigation", when articles do not stand
            there.
        extracted: whether a library that extracts main text found the line in it; None when it was not asked.
    """

    heading: int = 0
    furniture: str = ""
    extracted: bool | None = None


class Verdict(NamedTuple):
    """A role and why."""

    role: Role
    reason: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A line and what was counted in it."""

    text: str
    hint: Hint
    hit: Hit | None
    n_words: int
    ends: bool
    score: float
    furniture: str


_END = re.compile("[.!?؟…۔:؛][\\s\"'”“»«’)\\]]*$")
_FULL_STOP = re.compile("[.!?؟…۔][\\s\"'”“»«’)\\]]*$")
_SENTENCE = re.compile("[.!?؟…۔]+(?=\\s|$|[\"'”»)])")
_NUMBER = re.compile(r"\d[\d/:.,٫\-]*(?:st|nd|rd|th)?")
_CRUMB = re.compile(r"\s*[»›>|•·/\\←→]\s*|\s+[-–—]\s+")
_CONTACT = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+|[#@]\w+")
_TITLE_WORDS = range(2, 36)
_NEAR = 3  # lines between the article's end and the first furniture that are still in doubt


def assign_roles(texts: Sequence[str], hints: Sequence[Hint] | None = None) -> list[Verdict]:
    """Return the role of each line (or hard-wrapped paragraph) of a text, in order.

    Args:
        texts: the lines, none of them blank.
        hints: what the markup says about each; None for plain text.
    """
    hints = [Hint()] * len(texts) if hints is None else hints
    lines = [_measure(text, hint) for text, hint in zip(texts, hints, strict=True)]
    start, end = _main_block(lines)
    if start == end:
        return _without_article(lines)
    end = _cut_after_end(lines, start, end)
    return [*_above(lines, start, end), *_inside(lines[start:end]), *_below(lines[end:])]


def _measure(text: str, hint: Hint) -> _Line:
    key = phrase_key(text[:4000])
    words = key.split()
    n_words = max(1, len(words)) if len(text) <= 4000 else len(text) // 6
    hit = find_phrase(text)
    ends = bool(_FULL_STOP.search(text[-40:]))
    furniture = ""
    if hit is not None and hit.role is Role.BOILERPLATE:
        furniture = hit.reason
    elif hint.furniture:
        furniture = hint.furniture
    elif _is_date_line(words):
        furniture = "date line"
    elif _is_crumb_line(text, n_words):
        furniture = "breadcrumb or menu line"
    elif n_words <= 4 and _CONTACT.sub("", text).strip(" :,،|-") == "":
        furniture = "address or tag"
    density = sum(word in _stop_words() for word in words) / max(1, len(words))
    score = _prose_score(text, n_words, density, ends)
    if hit is not None and hit.role is not Role.BOILERPLATE:
        score = max(score, 0.5)
    elif furniture:
        score -= 3.0
        if hit is not None and hit.effect is not Effect.LINE:
            score -= 2.0
        if hit is not None and not hit.whole and n_words > 40:
            score += 2.0
    if hint.extracted is not None:
        score += 2.0 if hint.extracted else -1.5
    return _Line(text, hint, hit, n_words, ends, score, furniture)


def _prose_score(text: str, n_words: int, density: float, ends: bool) -> float:
    """Return how much a line looks like running text; 0 is undecided, a good paragraph has 3 to 4."""
    n_sentences = len(_SENTENCE.findall(text[:4000]))
    if n_sentences >= 3 and n_words <= 5 * n_sentences and density < 0.08:
        return -0.5  # mottoes and slogans of an author's box: full stops without sentences
    if n_words >= 30:
        return 4.0 if ends or density >= 0.1 else 1.5
    if n_words >= 12:
        return 3.0 if ends and density >= 0.05 else 1.5 if ends or density >= 0.12 else -0.3
    if n_words >= 6:
        return 1.0 if ends else -0.5
    return 0.3 if ends else -0.7


def _main_block(lines: Sequence[_Line]) -> tuple[int, int]:
    """Return the contiguous run of lines with the largest sum of scores (Kadane), (0, 0) without prose."""
    best, best_span = 0.0, (0, 0)
    total, start = 0.0, 0
    for index, line in enumerate(lines):
        if total <= 0:
            total, start = 0.0, index
        total += line.score
        if total > best:
            best, best_span = total, (start, index + 1)
    return best_span if any(line.score >= 1.0 for line in lines[slice(*best_span)]) else (0, 0)


def _cut_after_end(lines: Sequence[_Line], start: int, end: int) -> int:
    """End the main block at a line that says so, if the article lies above it: comments are prose too."""
    total = sum(max(0.0, line.score) for line in lines[start:end])
    before = 0.0
    for index in range(start, end):
        hit = lines[index].hit
        if hit is not None and hit.effect is Effect.END and (before >= 9 or before >= 0.6 * total):
            return index
        before += max(0.0, lines[index].score)
    return end


def _without_article(lines: Sequence[_Line]) -> list[Verdict]:
    """Give roles where no line looks like prose: a title, a poem, a list; or nothing but furniture."""
    verdicts = []
    is_page = any(line.furniture for line in lines)
    ended = listing = ""
    for line in lines:
        if line.furniture:
            if line.hit is not None and line.hit.effect is Effect.END:
                ended = line.furniture
            listing = line.furniture if line.hit is not None and line.hit.effect is Effect.LIST else ""
            verdicts.append(Verdict(Role.BOILERPLATE, line.furniture))
        elif line.hit is not None:
            verdicts.append(Verdict(line.hit.role, line.hit.reason))
        elif ended:
            verdicts.append(Verdict(Role.BOILERPLATE, f"after {ended}"))
        elif listing and not line.ends:
            verdicts.append(Verdict(Role.BOILERPLATE, f"below {listing}"))
        else:
            verdicts.append(
                Verdict(Role.BODY, "nothing speaks against it" if is_page else "text without furniture")
            )
    return verdicts


def _above(lines: Sequence[_Line], start: int, end: int) -> Iterator[Verdict]:
    """Yield the roles of the lines above the main block, of which one may be the title."""
    head = lines[:start]
    title = _title_index(head, lines[start:end])
    is_page = any(line.furniture for line in head)
    for index, line in enumerate(head):
        if index == title:
            yield Verdict(
                Role.TITLE, "heading of the page" if line.hint.heading else "headline above the article"
            )
        elif line.furniture:
            yield Verdict(Role.BOILERPLATE, line.furniture)
        elif line.hit is not None:
            yield Verdict(line.hit.role, line.hit.reason)
        elif title is not None and index > title and (line.n_words > 3 or not is_page):
            yield Verdict(Role.BODY, "between headline and article")
        elif is_page and line.score < 1.0:
            yield Verdict(Role.BOILERPLATE, "short line among the page's furniture, above the article")
        else:
            yield Verdict(Role.BODY, "above the article, nothing speaks against it")


def _title_index(head: Sequence[_Line], main: Sequence[_Line]) -> int | None:
    """Return which line above the main block is its title: near it, a heading, in the article's words."""
    vocabulary = {word for line in main[:40] for word in phrase_key(line.text[:2000]).split()} - _stop_words()
    best, best_score = None, 0.0
    for index, line in enumerate(head):
        if (
            line.furniture
            or line.hit is not None
            or line.n_words not in _TITLE_WORDS
            or line.text.rstrip()[-1:] in ".،:"
        ):
            continue
        words = [word for word in phrase_key(line.text).split() if word not in _stop_words()]
        shared = sum(word in vocabulary for word in words) / max(1, len(words))
        score = 0.3 + 2.0 * shared + min(line.n_words, 8) / 8 - 0.04 * (len(head) - index)
        score += {1: 2.0, 2: 0.7, 3: 0.2}.get(line.hint.heading, 0.0)
        if score > best_score:
            best, best_score = index, score
    return best


def _inside(main: Sequence[_Line]) -> Iterator[Verdict]:
    """Yield the roles of the main block's lines: the article, and what a page puts between paragraphs."""
    listing = ""
    for line in main:
        is_long = line.n_words > 30
        if line.furniture and not (is_long and line.hit is not None and not line.hit.whole):
            listing = line.furniture if line.hit is not None and line.hit.effect is Effect.LIST else ""
            yield Verdict(Role.BOILERPLATE, line.furniture)
        elif listing and not line.ends and line.n_words <= 20:
            yield Verdict(Role.BOILERPLATE, f"below {listing}")
        elif line.hit is not None and line.hit.role is not Role.BOILERPLATE and not is_long:
            listing = ""
            yield Verdict(line.hit.role, line.hit.reason)
        else:
            listing = ""
            yield Verdict(
                Role.BODY, "in the main block" if line.score > 0 else "short line inside the main block"
            )


def _below(tail: Sequence[_Line]) -> Iterator[Verdict]:
    """Yield the roles of the lines below the main block: notes and credits, then furniture."""
    ended = listing = ""
    for index, line in enumerate(tail):
        effect = line.hit.effect if line.hit is not None else Effect.LINE
        if effect is Effect.END and line.furniture:
            ended = line.furniture
        if line.furniture:
            listing = line.furniture if effect is Effect.LIST else ""
            yield Verdict(Role.BOILERPLATE, line.furniture)
        elif ended:
            yield Verdict(Role.BOILERPLATE, f"after {ended}")
        elif line.hit is not None:
            listing = ""
            yield Verdict(line.hit.role, line.hit.reason)
        elif listing and not line.ends:
            yield Verdict(Role.BOILERPLATE, f"below {listing}")
        elif not line.ends and any(
            other.furniture for other in tail[max(0, index - _NEAR) : index + _NEAR + 1]
        ):
            yield Verdict(Role.BOILERPLATE, "short line among the page's furniture, below the article")
        else:
            listing = ""
            yield Verdict(Role.BODY, "below the main block, nothing speaks against it")


def _is_date_line(words: Sequence[str]) -> bool:
    if not 1 < len(words) <= 16 or not any(word[0].isdigit() for word in words):
        return False
    n_date = sum(word in _date_words() or bool(_NUMBER.fullmatch(word)) for word in words)
    return n_date >= 0.75 * len(words)


def _is_crumb_line(text: str, n_words: int) -> bool:
    """Tell whether a line is a path or menu on one line: short names between », ›, | …."""
    if n_words > 20 or _END.search(text):
        return False
    parts = [part for part in _CRUMB.split(text.strip()) if part]
    if len(parts) < 2 or not re.search(r"[»›>|•·←→]", text):
        return False
    return all(len(part.split()) <= 3 for part in parts) or find_phrase(parts[0]) is not None


@cache
def _date_words() -> frozenset[str]:
    table = resources.files("dragoman.corpora").joinpath("tables/date_words.txt").read_text(encoding="utf-8")
    rows = [row for row in table.split("\n") if not row.startswith("#")]
    return frozenset(phrase_key(word) for word in " ".join(rows).split())


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(phrase_key(word) for code in ("ar", "en") for word in languages()[code].words)
