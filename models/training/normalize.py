"""The Arabic normalisation, as a function and as the rule table inside a SentencePiece model.

SentencePiece applies a table of code point sequences (longest match first) before it cuts a text into
pieces. With the normalisation in that table, a plain tokeniser load does all, and nobody can forget the
step. `normalize_arabic` is the reference: tests hold the table against it.
"""

import unicodedata
from pathlib import Path

# Removed: honorific signs, tanwin/harakat/shadda/sukun, superscript alef, tatweel, zero-width and bidi
# controls.
DROPPED = frozenset(
    [
        *range(0x0610, 0x061B),
        *range(0x064B, 0x0653),
        0x0670,
        0x0640,
        *range(0x200B, 0x2010),
        0x061C,
        0xFEFF,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)

# Folded: alef with hamza above/below, madda, wasla -> alef; alef maqsura and Persian yeh -> yeh;
# Persian kaf -> kaf.
FOLDED = {
    0x0623: "\u0627",
    0x0625: "\u0627",
    0x0622: "\u0627",
    0x0671: "\u0627",
    0x0649: "\u064a",
    0x06CC: "\u064a",
    0x06A9: "\u0643",
    0x066A: "%",
    0x066B: ".",
    0x066C: ",",
    **{0x0660 + digit: str(digit) for digit in range(10)},
    **{0x06F0 + digit: str(digit) for digit in range(10)},
}

# Letters that NFKC composes from a base and a combining hamza or madda, folded like their composed forms.
_COMPOSED: dict[tuple[int, ...], str] = {
    (0x0627, 0x0653): "\u0627",
    (0x0627, 0x0654): "\u0627",
    (0x0627, 0x0655): "\u0627",
    (0x0648, 0x0654): "\u0624",
    (0x064A, 0x0654): "\u0626",
}

_SPACES = (0x9, 0xA, 0xD, 0xA0, 0x3000, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x2028, 0x2029, 0x85)


def normalize_arabic(text: str) -> str:
    """Return a copy of `text` for matching and translation: NFKC, marks dropped, letters and digits folded.

    >>> normalize_arabic("أُحِبُّ ٣ كتــب")
    'احب 3 كتب'
    """
    return unicodedata.normalize("NFKC", text).translate(dict.fromkeys(DROPPED)).translate(FOLDED)


def write_rules(path: Path) -> None:
    """Write the normalisation as a SentencePiece rule table: code points, tab, code points, in hex."""
    rules: dict[tuple[int, ...], str] = dict(_COMPOSED)
    for code in range(1, 0x10000):
        if 0xD800 <= code < 0xE000 or code in _SPACES or code == 0x20:
            continue
        char = chr(code)
        folded = normalize_arabic(char)
        if folded != char:
            rules[(code,)] = folded
    rules.update({(code,): " " for code in _SPACES})
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for source, target in sorted(rules.items()):
            stream.write(f"{_hex(source)}\t{_hex(map(ord, target))}\n")


def _hex(codes: "map[int] | tuple[int, ...]") -> str:
    return " ".join(f"{code:X}" for code in codes)
