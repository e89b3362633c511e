"""What must reach the translation byte for byte: addresses, handles, paths, versions, foreign scripts.

Foreign are three Latin words or more in a row, and anything in Hebrew, Cyrillic, Chinese …

A small model breaks a URL at its first unknown piece, and placeholders do no better: it drops them, doubles
them or translates them. So the sentence is translated as it is, and only where a span did not survive are the
stretches between the spans translated alone and the spans put back where they stood (`split`, `join`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# What ends a URL in running text although RFC 3986 might allow it: quotes, brackets, Arabic marks.
_END = "\\s<>\"'«»“”‘’؟،؛{}|\\^`\\[\\]\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SPAN = re.compile(
    "|".join(
        (
            rf"(?:https?|ftp|file)://[^{_END}]+",
            rf"\bwww\.[^{_END}]+",
            r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # e-mail address
            r"(?<![\w@])@\w[\w.]*",  # handle
            r"(?<![\w&])#\w+",  # hashtag, of any script
            r"(?<![\w/])(?:~|\.{1,2})?(?:/[\w.+-]+){2,}/?",  # path
            rf"(?<!\w)[A-Za-z]:\\[^{_END}]*(?:\\[^{_END}]*)*",  # path of the other kind
            r"(?<![\w.])v?[0-9]+(?:\.[0-9]+){2,}(?:-?[a-z]+[0-9]*)?(?![\w])",  # version number, IP address
            r"(?<![\w.@/-])[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*"  # bare domain name
            rf"\.(?:com|org|net|edu|gov|info|io|int|tv|news|[a-z]{{2}})(?:/[^{_END}]*)?(?![\w])",
        )
    ),
    re.ASCII | re.IGNORECASE,
)
_MAY_HOLD = re.compile(r"[@#/\\]|\.\w")  # in each of them there is one; most sentences have none
_HASHTAG = re.compile(r"(?<![A-Za-z0-9_&])#\w+")  # also after a glued Arabic conjunction
# Names of one or two Latin words are left to the model, which may have to inflect or move them.
_LATIN_WORD = "[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f0-9'\u2019-]*"
_FOREIGN_LETTERS = (
    "[\u0370-\u05ff\u0900-\u1dff\u3040-\u9fff\uac00-\ud7af]"  # Greek to Hebrew; Indic, Thai …; CJK
)
_FOREIGN = re.compile(
    rf"(?<![\w]){_LATIN_WORD}(?:,?\s{_LATIN_WORD}){{2,}}"
    rf"|{_FOREIGN_LETTERS}+(?:[^\w\n]*\s{_FOREIGN_LETTERS}+)*"
)
_EDGES = re.compile(r"([\W_]*)(.*?)([\W_]*)", re.DOTALL)
_MARKS = str.maketrans(
    {"\u060c": ",", "\u061b": ";", "\u061f": "?"}
)  # ARABIC COMMA, SEMICOLON, QUESTION MARK
_TRAILING = ".,;:!?)…"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a sentence: `is_verbatim` tells whether it must stay as it is."""

    text: str
    is_verbatim: bool


def spans(text: str) -> list[tuple[int, int]]:
    """Return where the spans to be kept are, in order, end exclusive.

    >>> text = "زوروا www.example.org، أو #بيت_لحم."
    >>> [text[start:end] for start, end in spans(text)]
    ['www.example.org', '#بيت_لحم']
    """
    return _without_overlaps(text, [*_FOREIGN.finditer(text), *_address_matches(text)])


def addresses(text: str) -> list[tuple[int, int]]:
    """Return where addresses, handles, hashtags, paths and versions are, in text of any language.

    >>> addresses("All of this is on www.example.org.")
    [(18, 33)]
    """
    return _without_overlaps(text, _address_matches(text))


def _address_matches(text: str) -> list[re.Match[str]]:
    if not _MAY_HOLD.search(text):
        return []
    return [*_SPAN.finditer(text), *_HASHTAG.finditer(text)]


def _without_overlaps(text: str, matches: list[re.Match[str]]) -> list[tuple[int, int]]:
    """Return the spans in order: the first and longest of overlapping matches, without closing marks."""
    found = []
    end = 0
    matches.sort(key=lambda match: (match.start(), -match.end()))
    for match in matches:
        if match.start() < end:
            continue
        start, stop = match.span()
        while stop > start and text[stop - 1] in _TRAILING:
            if text[stop - 1] == ")" and text.count(")", start, stop) <= text.count("(", start, stop):
                break  # the bracket was opened inside
            stop -= 1
        if stop - start < 2:
            continue
        found.append((start, stop))
        end = stop
    return found


def split(text: str) -> list[Stretch]:
    """Divide a sentence into stretches to translate and spans to keep; joined they are the sentence."""
    parts = []
    end = 0
    for start, stop in spans(text):
        if start > end:
            parts.append(Stretch(text[end:start], is_verbatim=False))
        parts.append(Stretch(text[start:stop], is_verbatim=True))
        end = stop
    if end < len(text):
        parts.append(Stretch(text[end:], is_verbatim=False))
    return parts


def survives(text: str, translation: str) -> bool:
    """Tell whether every span of the source is in the translation, as often as in the source."""
    kept = [text[start:stop] for start, stop in spans(text)]
    return all(translation.count(span) >= kept.count(span) for span in kept)


def core(text: str) -> str:
    """Return a stretch without the marks and white space at its ends: what a model is asked about."""
    match = _EDGES.fullmatch(text)
    return match[2] if match else text


def join(stretches: Sequence[Stretch], translations: Mapping[str, str]) -> str:
    """Put a sentence together again: spans as they are, marks and white space as in the source.

    Args:
        stretches: the sentence, from `split`.
        translations: the translation of each stretch's `core` that is not blank.
    """
    out = ""
    for i, stretch in enumerate(stretches):
        match = _EDGES.fullmatch(stretch.text)
        if stretch.is_verbatim or match is None:
            piece = stretch.text
        else:
            middle = translations.get(match[2], "").strip()
            if i < len(stretches) - 1 or match[3].strip():
                middle = middle.rstrip(" .")  # the model's own full stop
            piece = match[1].translate(_MARKS) + middle + match[3].translate(_MARKS)
        # An Arabic conjunction or preposition is glued to what follows; its translation is not.
        if out and piece and out[-1].isalnum() and (piece[0].isalnum() or piece[0] in "@#"):
            out += " "
        out += piece
    return " ".join(out.split())
