"""What must reach the translation byte for byte: URLs, e-mail addresses, handles, hashtags, paths, versions, and
stretches in a script that the model does not read (three Latin words or more, Hebrew, Cyrillic, Chinese …).

A small model breaks a URL at its first unknown piece, and placeholders do no better: it drops them, doubles them
or translates them. So the sentence is translated as it is, and only where a span did not survive are the stretches
between the spans translated alone and the spans put back where they stood (`split`, `join`).
"""

import re
from dataclasses import dataclass

# What ends a URL in running text although RFC 3986 might allow it: quotes, brackets, Arabic marks.
_END = "\\s<>\"'«»“”‘’؟،؛{}|\\^`\\[\\]\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SPAN = re.compile(
    rf"""(?:https?|ftp|file)://[^{_END}]+
    | \bwww\.[^{_END}]+
    | (?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+                      # e-mail address
    | (?<![\w@])@\w[\w.]*                                          # handle
    | (?<![\w&])\#\w+                                              # hashtag, of any script
    | (?<![\w/])(?:~|\.{{1,2}})?(?:/[\w.+-]+){{2,}}/?              # path
    | (?<!\w)[A-Za-z]:\\[^{_END}]*(?:\\[^{_END}]*)*                # path of the other kind
    | (?<![\w.])v?[0-9]+(?:\.[0-9]+){{2,}}(?:-?[a-z]+[0-9]*)?(?![\w]) # version number, IP address
    | (?<![\w.@/-])[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|org|net|edu|gov|info|io|int|tv|news|[a-z]{{2}})(?:/[^{_END}]*)?(?![\w])
    """,
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
_HASHTAG = re.compile(r"(?<![\w&])#\w+")  # \w of every script
# Names of one or two Latin words are left to the model, which may have to inflect or move them.
_LATIN_WORD = "[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f0-9'\u2019-]*"
_FOREIGN_LETTERS = "[\u0370-\u05ff\u0900-\u1dff\u3040-\u9fff\uac00-\ud7af]"  # Greek to Hebrew; Indic, Thai …; CJK
_FOREIGN = re.compile(
    rf"(?<![\w]){_LATIN_WORD}(?:,?\s{_LATIN_WORD}){{2,}}"
    rf"|{_FOREIGN_LETTERS}+(?:[^\w\n]*\s{_FOREIGN_LETTERS}+)*"
)
_TRAILING = ".,;:!?)…"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a sentence: `is_verbatim` tells whether it must stay as it is."""

    text: str
    is_verbatim: bool


def spans(text: str) -> list[tuple[int, int]]:
    """Return where the spans to be kept are, in order, end exclusive.

    >>> [("زوروا www.example.org، أو #بيت_لحم.")[a:b] for a, b in spans("زوروا www.example.org، أو #بيت_لحم.")]
    ['www.example.org', '#بيت_لحم']
    """
    matches = list(_FOREIGN.finditer(text))
    if any(char in text for char in ".@#/\\"):
        matches += [*_SPAN.finditer(text), *_HASHTAG.finditer(text)]
    found = []
    end = 0
    matches.sort(key=lambda match: (match.start(), -match.end()))
    for match in matches:
        if match.start() < end:
            continue
        stop = match.end()
        while stop > match.start() and text[stop - 1] in _TRAILING:
            if text[stop - 1] == ")" and "(" in match[0]:
                break
            stop -= 1
        if stop - match.start() < 2:
            continue
        found.append((match.start(), stop))
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


def join(stretches: list[Stretch], translations: list[str]) -> str:
    """Put translations (spans as they are) in order, with white space where the source has it."""
    out = ""
    was_spaced = True
    for stretch, translation in zip(stretches, translations, strict=True):
        starts_spaced = stretch.text[:1].isspace()
        if translation and out and (was_spaced or starts_spaced) and not out.endswith(" "):
            out += " "
        out += translation
        was_spaced = stretch.text[-1:].isspace()
    return out.strip()
