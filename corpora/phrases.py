"""Phrases by which lines of a web page give themselves away: menus, sharing buttons, notes, credits.

The phrases are data, tables/phrases.tsv; a line is matched by its matching key without punctuation, so that
spelling habits (أ or ا, ة or ه, vowel marks) do not matter.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import NamedTuple

from dragoman.corpora.normalisation import matching_key
from dragoman.units import Role

_LONGEST_START = 8  # words in the longest phrase of kind "start"
_SHORT = 30  # words: a longer line is prose that happens to begin like a phrase
_NOT_WORD = re.compile(r"[^\w©@]+|_+")
_LABEL = re.compile(r"\s*[^\W\d_]+\s*[:：|/–—-]", re.UNICODE)  # one word, then a colon or dash
_EDGE_NUMBER = re.compile(r"^(?:\d+ )+|(?: \d+)+$")


class Effect(StrEnum):
    """How far a phrase reaches: its line, the list of headlines below it, or the rest of the page."""

    LINE = "line"
    LIST = "list"
    END = "end"


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found in a line.

    Attributes:
        role: the role that it speaks for.
        effect: how far it reaches.
        whole: True when the phrase is the line, False when there is more in the line.
        reason: what kind of phrase it is, for people.
        phrase: the phrase as matched (a matching key).
    """

    role: Role
    effect: Effect
    whole: bool
    reason: str
    phrase: str


class _Table(NamedTuple):
    whole: dict[str, Hit]
    start: dict[str, Hit]
    gapped: list[tuple[re.Pattern[str], Hit]]
    anywhere: dict[str, Hit]
    anywhere_pattern: re.Pattern[str]


def phrase_key(text: str) -> str:
    """Return the matching key of a text without its punctuation, words separated by single spaces."""
    return " ".join(_NOT_WORD.sub(" ", matching_key(text)).split())


def find_phrase(text: str) -> Hit | None:
    """Return what a line's phrases say about it, None when it holds none.

    A phrase that is the whole line is the best evidence, then one at the start of a short line (a single
    word, like "تصحيح", needs a colon or dash after it there), then one anywhere in the line.
    """
    key = phrase_key(text[:2000])
    if not key:
        return None
    table = _table()
    hit = table.whole.get(key) or table.whole.get(_EDGE_NUMBER.sub("", key))
    if hit is not None:
        return hit
    words = key.split(" ")
    if len(words) <= _SHORT:
        for n_words in range(min(len(words), _LONGEST_START), 0, -1):
            hit = table.start.get(" ".join(words[:n_words]))
            if hit is not None and (n_words > 1 or not key[:1].isalpha() or _LABEL.match(text)):
                return hit
    for pattern, gapped in table.gapped:
        if len(words) <= _SHORT and pattern.search(key):
            return gapped
    found = table.anywhere_pattern.search(key)
    return table.anywhere[found[0]] if found else None


@cache
def _table() -> _Table:
    source = resources.files("dragoman.corpora").joinpath("tables/phrases.tsv").read_text(encoding="utf-8")
    table = _Table({}, {}, [], {}, re.compile(""))
    for row in source.split("\n"):
        if not row or row.startswith("#"):
            continue
        role, where, effect, reason, phrases = row.split("\t")
        for phrase in phrases.split("|"):
            key = phrase_key(phrase.replace("…", " 0 "))
            hit = Hit(Role(role), Effect(effect), where == "whole", reason, key.replace(" 0 ", " … "))
            if "…" in phrase:
                # A name or two may stand in the gap, not half a paragraph.
                gap = r" (?:\S+ ){1,12}?"
                head = "^" if where == "start" else r"(?:^|(?<= ))"
                table.gapped.append((re.compile(head + gap.join(map(re.escape, key.split(" 0 ")))), hit))
            else:
                {"whole": table.whole, "start": table.start, "any": table.anywhere}[where].setdefault(
                    key, hit
                )
    longest_first = sorted(table.anywhere, key=len, reverse=True)
    pattern = r"(?:^|(?<= ))(?:" + "|".join(map(re.escape, longest_first)) + r")(?= |$)"
    return table._replace(anywhere_pattern=re.compile(pattern))
