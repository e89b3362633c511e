"""Text that was garbled before it was saved: decoded with the wrong encoding, or turned into visual order.

"Ø§Ù„" is "ال" in UTF-8 that someone read as Latin-1 or windows-1252 and saved again; "ط§ظ„" is the same
read as windows-1256; "Çá" is "ال" in windows-1256 read as Latin-1. All three can be undone without loss by
encoding the text as it was wrongly decoded and decoding it rightly. Text extracted from PDF files may hold
its lines in visual order, last letter first: then words end with the article instead of beginning with it.
"""

import re
from typing import NamedTuple

from dragoman.corpora.language import arabic_word_share, languages
from dragoman.corpora.normalisation import fold_presentation_forms, is_arabic_letter
from dragoman.units import Notice

_SAMPLE = 20_000  # characters that are looked at to tell whether there is anything to repair
_ROUNDS = 3  # text may have been garbled more than once
_BETTER = 0.1  # by how much the share of known Arabic words must rise
# Characters of Arabic UTF-8 read as Latin-1 or windows-1252: its lead bytes D8-DB are Ø Ù Ú Û.
# A second round makes Ã and Â of those.
_LATIN_SIGN = re.compile(
    "[ØÙÚÛÃÂâ]"
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122ØÙÚÛ]"
)
_ARABIC_SIGN = re.compile("[طظعغ][\u0080-\u00bf\u0152\u0153\u02c6\u200c-\u203a\u20ac\u2122پچژڈگٹڑکڻںھہےء-غ]")
_LATIN_1256 = re.compile("[ÇÃÅÂÁÈÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßáãäåæíì]{2}")
_RUN = re.compile("[A-Za-z0-9٠-٩۰-۹](?:[A-Za-z0-9٠-٩۰-۹.,:/@%+_-]*[A-Za-z0-9٠-٩۰-۹])?")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


class _Way(NamedTuple):
    """A way in which text gets garbled: bytes of `right` decoded as `wrong`."""

    sign: re.Pattern[str]
    wrong: str
    right: str
    story: str


_WAYS = (
    _Way(_LATIN_SIGN, "cp1252", "utf-8", "UTF-8 that was read as windows-1252 and saved again"),
    _Way(_ARABIC_SIGN, "cp1256", "utf-8", "UTF-8 that was read as windows-1256 and saved again"),
    _Way(_LATIN_1256, "cp1252", "cp1256", "windows-1256 that was read as windows-1252 and saved again"),
)


def repair_mojibake(text: str) -> tuple[str, tuple[Notice, ...]]:
    """Undo wrong decodings, line by line, where that yields Arabic; the text itself when there are none."""
    notices: list[Notice] = []
    for _ in range(_ROUNDS):
        way = next((way for way in _WAYS if _is_garbled(text[:_SAMPLE], way)), None)
        if way is None:
            break
        lines = [(line, _undo(line, way) if way.sign.search(line) else line) for line in text.split("\n")]
        n_lost = sum(repaired is None for _, repaired in lines)
        text = "\n".join(line if repaired is None else repaired for line, repaired in lines)
        beyond = f"; {n_lost:,} lines are beyond repair" if n_lost else ""
        notices.append(Notice("mojibake", f"repaired text: it is {way.story}{beyond}"))
    return text, tuple(notices)


def restore_reading_order(text: str) -> tuple[str, tuple[Notice, ...]]:
    """Turn lines round that hold Arabic in visual order; the text itself when it is in reading order."""
    if not _looks_reversed(text[:_SAMPLE]):
        return text, ()
    lines = [_reverse(line) if any(map(is_arabic_letter, line)) else line for line in text.split("\n")]
    message = "text looks reversed (visual order, as some PDF extractions give it); turned round line by line"
    return "\n".join(lines), (Notice("reversed-text", message),)


def _is_garbled(sample: str, way: _Way, rounds: int = _ROUNDS) -> bool:
    """Tell whether undoing a wrong decoding, several times if need be, yields Arabic."""
    n_signs = len(way.sign.findall(sample))
    if n_signs == 0:
        return False  # most texts, and counting letters takes time
    n_letters = sum(char.isalpha() for char in sample)
    if n_letters == 0 or 2 * n_signs < 0.3 * n_letters:
        return False
    repaired = (_undo(line, way) for line in sample.split("\n")[:50])
    after = "\n".join(line for line in repaired if line)
    if arabic_word_share(after) > arabic_word_share(sample) + _BETTER:
        return True
    return rounds > 1 and after != sample and _is_garbled_twice(after, rounds - 1)


def _is_garbled_twice(sample: str, rounds: int) -> bool:
    return any(_is_garbled(sample, way, rounds) for way in _WAYS)


def _undo(line: str, way: _Way) -> str | None:
    """Return the line decoded rightly, None when it was not garbled in this way."""
    data = b"".join(_to_byte(char, way.wrong) for char in line)
    if len(data) != len(line):
        return None
    text = data.decode(way.right, "replace")
    return None if text.count("\ufffd") > 0.02 * len(line) + 1 else text


def _to_byte(char: str, encoding: str) -> bytes:
    """Encode one character; the five bytes that windows-1252 leaves undefined are read as Latin-1."""
    try:
        return char.encode(encoding)
    except UnicodeEncodeError:
        return bytes([ord(char)]) if ord(char) < 0x100 else b""


def _looks_reversed(sample: str) -> bool:
    words = [
        word for word in re.findall(r"\w+", fold_presentation_forms(sample)) if is_arabic_letter(word[0])
    ]
    if len(words) < 4:
        return False
    n_ends = sum(len(word) > 4 and word.endswith("لا") for word in words)
    n_begins = sum(len(word) > 4 and word.startswith("ال") for word in words)
    # No Arabic word begins with TEH MARBUTA or ALEF MAKSURA.
    n_impossible = sum(len(word) > 1 and word[0] in "ةى" for word in words)
    if n_ends + n_impossible < max(2, 0.12 * len(words)) or n_begins + 1 >= n_ends + n_impossible:
        return False
    frequent = languages()["ar"].words
    return sum(word[::-1] in frequent for word in words) > sum(word in frequent for word in words)


def _reverse(line: str) -> str:
    """Reverse a line but for Latin words and numbers, which read from left to right in both orders."""
    reversed_line = line[::-1].translate(_MIRRORED)
    return _RUN.sub(lambda match: match[0][::-1], reversed_line)
