"""Segments longer than a model's limit: cut at soft boundaries, translated in pieces, rejoined.

A cut is looked for in the second half of what fits, at the strongest boundary there: a full stop or
semicolon, then a comma, then before a conjunction, then any space; a word longer than the limit is cut
inside. No character is lost: the pieces joined by spaces are the segment again (but for a cut inside a word).
Time is linear.
"""

from collections.abc import Callable, Sequence

from dragoman.errors import ModelError

_STRONG = (".", ";", ":", "!", "?", "\u061b", "\u061f", "\u2026")  # ARABIC SEMICOLON, QUESTION MARK; ELLIPSIS
_WEAK = (
    ",",
    "\u060c",
    "-",
    "\u2013",
    "\u2014",
    ")",
    "\u00bb",
    "\u201d",
)  # ARABIC COMMA, dashes, closing marks
_CONJUNCTIONS = frozenset(
    [
        "ثم",
        "أو",
        "أم",
        "لكن",
        "ولكن",
        "بل",
        "حيث",
        "إذ",
        "كما",
        "فيما",
        "بينما",
        "حتى",
        "لأن",
        "الذي",
        "التي",
        "الذين",
        "أن",
        "وأن",
        "إن",
        "وإن",
        "وقد",
        "وقال",
        "وأضاف",
        "وكان",
        "وكانت",
    ]
)
# A piece's tokens may be a few more than its words' together, where the tokeniser looks across a space.
_MARGIN = 0.9


def cut(text: str, limit: int, count: Callable[[Sequence[str]], list[int]]) -> list[str]:
    """Divide a segment into pieces that a model takes.

    Args:
        text: the segment, words divided by single spaces.
        limit: most tokens in a piece, control tokens not counted.
        count: returns the tokens of each of several strings, control tokens not counted.

    Returns:
        The pieces in order, none of them blank.
    """
    words = _short_words(text.split(), max(1, int(limit * _MARGIN)), count)
    weights = count(words)
    pieces = []
    start = 0
    while start < len(words):
        end, total = start, 0
        while end < len(words) and (end == start or total + weights[end] <= limit * _MARGIN):
            total += weights[end]
            end += 1
        if end < len(words):
            end = _best_boundary(words, weights, start, end, total)
        pieces.append(" ".join(words[start:end]))
        start = end
    return pieces


def rejoin(pieces: Sequence[str], translations: Sequence[str]) -> str:
    """Put the pieces' translations together as one segment.

    A model ends what looks like a sentence with a full stop; between pieces it is taken off again where the
    source has none, and a source comma is put there.
    """
    out = []
    for i, (piece, translation) in enumerate(zip(pieces, translations, strict=True)):
        text = translation.strip()
        if i < len(pieces) - 1 and not piece.endswith(_STRONG):
            text = text.rstrip(" .")
            if piece.endswith((",", "\u060c")) and text and not text.endswith(","):
                text += ","
        out.append(text)
    return " ".join(filter(None, out))


def _best_boundary(words: Sequence[str], weights: Sequence[int], start: int, end: int, total: int) -> int:
    """Return where to end a piece: at the last of the strongest boundaries in its second half."""
    best, best_strength = end, 0
    left = total
    for i in range(end, start, -1):
        if left < total / 2:
            break
        strength = _strength(words[i - 1], words[i])
        if strength > best_strength:
            best, best_strength = i, strength
        left -= weights[i - 1]
    return best


def _strength(before: str, after: str) -> int:
    if before.endswith(_STRONG):
        return 3
    if before.endswith(_WEAK):
        return 2
    return int(after in _CONJUNCTIONS)


def _short_words(words: Sequence[str], limit: int, count: Callable[[Sequence[str]], list[int]]) -> list[str]:
    """Cut the words that are longer than the limit; a character is a token or two, so halving soon ends."""
    # Tokenisers may take more than linear time on one huge word: cut by characters before counting.
    longest = 8 * limit
    found = []
    for word in words:
        found += [word[i : i + longest] for i in range(0, len(word), longest)]
    for _ in range(16):
        weights = count(found)
        if all(weight <= limit for weight in weights):
            return found
        halved = []
        for word, weight in zip(found, weights, strict=True):
            middle = len(word) // 2
            halved += [word] if weight <= limit or not middle else [word[:middle], word[middle:]]
        if len(halved) == len(found):
            break
        found = halved
    raise ModelError(
        f"a single character takes more than {limit} tokens; the model's input limit is too small"
    )
