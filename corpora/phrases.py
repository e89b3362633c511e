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
_SIGNATURE = 4  # words: who did it and a name
_SHORT = 30  # words: a longer line is prose that happens to begin like a phrase
_NOT_WORD = re.compile(r"[^\w©@]+|_+")
_LABEL = re.compile(r"\s*[^\W\d_]+\s*[:：|/–—-]", re.UNICODE)  # one word, then a colon or dash
_SENTENCE_BREAK = re.compile("[.!?؟…۔][\"'”»)]*\\s+")
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
    """The phrases by where they count; those inside a line also by their first word."""

    whole: dict[str, Hit]
    start: dict[str, Hit]
    anywhere: dict[str, Hit]
    gapped: dict[str, list[tuple[re.Pattern[str], Hit]]]
    lengths: dict[str, list[int]]  # first word → numbers of words of the phrases of `anywhere`, longest first


def phrase_key(text: str) -> str:
    """Return the matching key of a text without its punctuation, words separated by single spaces."""
    return " ".join(_NOT_WORD.sub(" ", matching_key(text)).split())


def find_phrase(text: str, key: str | None = None) -> Hit | None:
    """Return what a line's phrases say about it, None when it holds none.

    A phrase that is the whole line is the best evidence, then one at the start of a short line (a single
    word, like "تصحيح", needs a colon or dash after it there, unless it is a credit and only a name follows),
    then one anywhere in the line.

    Args:
        text: the line.
        key: its phrase key where that is known already.
    """
    key = phrase_key(text[:2000]) if key is None else key
    if not key:
        return None
    table = _table()
    words = key.split(" ")
    bare = _EDGE_NUMBER.sub("", key) if len(words) < _SHORT else ""
    hit = table.whole.get(key) or (table.whole.get(bare) if len(bare) > 2 else None)
    if hit is not None:
        return hit
    if len(words) <= _SHORT:
        for n_words in range(min(len(words), _LONGEST_START), 0, -1):
            hit = table.start.get(" ".join(words[:n_words]))
            if hit is None:
                continue
            is_signed = hit.role is Role.CREDIT and 1 < len(words) <= _SIGNATURE and not key.isascii()
            if n_words > 1 or not key[:1].isalpha() or _LABEL.match(text) or is_signed:
                return hit
        for index, word in enumerate(words):
            for pattern, gapped in table.gapped.get(word, ()):
                if pattern.match(" ".join(words[index:])):
                    return gapped
    for index, word in enumerate(words):
        for n_words in table.lengths.get(word, ()):
            hit = table.anywhere.get(" ".join(words[index : index + n_words]))
            if hit is not None:
                return hit
    return None


def find_run_on(text: str) -> tuple[int, str] | None:
    """Find where site furniture begins that runs on behind an article on one line.

    It begins after the end of a sentence, in the second half of the line, with a phrase that ends articles,
    and at least one more phrase of sites follows: one alone could be the article's own words.

    Returns:
        The offset of the furniture and what kind it is, None when there is none.
    """
    table = _table()
    for match in _SENTENCE_BREAK.finditer(text, len(text) // 2):
        first = _phrase_at(phrase_key(text[match.end() : match.end() + 100]).split(" "), 0, table)
        if first is None or first.effect is Effect.LINE:
            continue
        rest = phrase_key(text[match.end() : match.end() + 3000]).split(" ")
        found = {
            hit.phrase for hit in (_phrase_at(rest, i, table) for i in range(len(rest))) if hit is not None
        }
        if len(found) >= 2:
            return match.end(), first.reason
    return None


def _phrase_at(words: list[str], index: int, table: _Table) -> Hit | None:
    """Return the longest phrase of site furniture that begins at a word."""
    for n_words in range(min(_LONGEST_START, len(words) - index), 0, -1):
        phrase = " ".join(words[index : index + n_words])
        hit = table.whole.get(phrase) or table.start.get(phrase) or table.anywhere.get(phrase)
        if hit is not None and hit.role is Role.BOILERPLATE:
            return hit
    return None


@cache
def _table() -> _Table:
    source = resources.files("dragoman.corpora").joinpath("tables/phrases.tsv").read_text(encoding="utf-8")
    table = _Table({}, {}, {}, {}, {})
    places = {"whole": table.whole, "start": table.start, "any": table.anywhere}
    for row in source.split("\n"):
        if not row or row.startswith("#"):
            continue
        role, where, effect, reason, phrases = row.split("\t")
        for phrase in phrases.split("|"):
            parts = [phrase_key(part) for part in phrase.split("…")]
            hit = Hit(Role(role), Effect(effect), where == "whole", reason, " … ".join(parts))
            if len(parts) > 1:
                # A name or two may stand in the gap, not half a paragraph.
                pattern = re.compile(r" (?:\S+ ){1,12}?".join(map(re.escape, parts)) + r"(?= |$)")
                table.gapped.setdefault(parts[0].split()[0], []).append((pattern, hit))
            else:
                places[where].setdefault(parts[0], hit)
    for phrase in table.anywhere:
        words = phrase.split()
        table.lengths.setdefault(words[0], []).append(len(words))
    for lengths in table.lengths.values():
        lengths.sort(reverse=True)
    return table
