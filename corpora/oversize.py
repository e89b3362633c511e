r"""Cutting a segment that exceeds a model's limit into pieces, at the softest boundary near by.

Boundaries, best first: after a semicolon, colon or stop; after a comma; before a conjunction or relative
pronoun; at white space; between two graphemes (Unicode Standard Annex 29, without its rarest rules). The
pieces join to the text again, and are of about equal length where nothing softer decides, since models
translate a remainder of two words badly.
"""

import re
import unicodedata
from collections.abc import Callable

_CLOSERS = "[\"'\u00bb\u201d\u2019)\\]}]*+"
_CONJUNCTION = (
    "(?:و(?=ال|قد|كا|لا|لم|لن|لك|أ|إ|ي|ت|ه|من|في|على|عن|مع|ذلك|قال|بعد|قبل)|(?:أو|ثم|بل|لكن|حيث|كما|إذ|إذا|لأن|بينما"
    "|عندما|حتى|الذي|التي|الذين|مما|فيما|and|or|but|because|which|that|who|while|when|where|so|although)(?!\\w))"
)
# Group 1, 2 … end where a piece may end; white space goes with the piece before.
_BOUNDARY = re.compile(
    f"[\u061b;:.!?\u061f\u2026\u06d4\u3002]{_CLOSERS}\\s++()"
    f"|(?:[,\u3001]{_CLOSERS}\\s++|\u060c{_CLOSERS}(?:\\s++|(?=[^\\W\\d])))()"
    f"|\\s++()(?={_CONJUNCTION})"
    f"|\\s++()"
)
_SPACE = re.compile(r"\s")
_TOKEN = re.compile(r"(\S++)\s*+")
_SHORTEST = 0.4  # of a piece's room: a softer boundary further back makes pieces too short

_ZWJ = "\u200d"
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]+")
_EXTENDS = re.compile(
    "[\u200c\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef\u1160-\u11ff\uff9e\uff9f]"
)
_PREPENDS = re.compile("[\u0600-\u0605\u06dd\u070f\u1100-\u115f]")


def cut(text: str, fits: Callable[[str], bool] | int) -> list[str]:
    """Cut a text into pieces that fit; a text that fits comes back whole.

    `fits` is asked about three times a piece, so that the time is linear in the text.

    Args:
        text: a segment.
        fits: tells whether a piece is short enough, for instance by its number of tokens (what is part of a
            piece that fits should fit as well); or the greatest number of characters.

    Returns:
        The pieces in order, none empty; `"".join(pieces) == text`. Only a token (what stands between white
        space) that does not fit by itself is cut inside, and only a single grapheme that does not is
        returned as a piece all the same.

    >>> cut("جاء الوفد، ثم عقد اجتماعا؛ وبعد ذلك سافر.", 30)
    ['جاء الوفد، ثم عقد اجتماعا؛ ', 'وبعد ذلك سافر.']
    """
    if isinstance(fits, int):
        if fits < 1:
            raise ValueError(f"a piece needs room for 1 character, got {fits}")
        limit = fits
        return _cut(text, lambda piece: len(piece) <= limit, room=limit)
    return _cut(text, fits, room=None)


def _cut(text: str, fits: Callable[[str], bool], *, room: int | None) -> list[str]:
    """Cut greedily; `room` is the number of characters that a piece holds, found out on the way if None."""
    if not text:
        return []
    if fits(text):
        return [text]
    is_fixed = room is not None
    guess = room or len(text) // 2
    pieces: list[str] = []
    start = 0
    oversized = 0  # the end of a token that does not fit by itself
    while start < len(text):
        left = len(text) - start
        if left <= 2 * guess and fits(text[start:]):
            pieces.append(text[start:])
            break
        guess = max(1, min(guess, left - 1))
        end = _piece_end(text, start, guess)
        if not is_fixed and start >= oversized and _is_inside(text, end):
            end, oversized = _whole_token(text, start, end, fits)
        n_tries = 0
        while not fits(text[start:end]) and end - start > 1:
            n_tries += 1
            smaller = max(1, (end - start) // 2 if n_tries > 2 or not pieces else (end - start) * 4 // 5)
            shorter = _piece_end(text, start, smaller)
            if not is_fixed and start >= oversized and _is_inside(text, shorter):
                shorter, oversized = _whole_token(text, start, shorter, fits)
            if shorter >= end:
                break  # a grapheme
            end, guess = shorter, smaller
        pieces.append(text[start:end])
        start = end
        if not n_tries and not is_fixed:
            guess = guess * 5 // 4 + 1
    return pieces


def _is_inside(text: str, end: int) -> bool:
    """Tell whether a piece that ends here ends inside a token, not even after a comma."""
    return not (
        end >= len(text)
        or _SPACE.match(text, end)
        or _SPACE.match(text, end - 1)
        or (text[end - 1] == "\u060c" and text[end].isalpha())
    )


def _whole_token(text: str, start: int, end: int, fits: Callable[[str], bool]) -> tuple[int, int]:
    """Move an end that lies inside the first token because the guess is small, if the token fits.

    Returns:
        The token's end, and 0; or the end as it was, and where the token that does not fit ends.
    """
    token = _TOKEN.search(text, start)
    if token is None or token.end(1) <= end:
        return end, 0
    whole = next((place for place in (token.end(), token.end(1)) if fits(text[start:place])), None)
    return (end, token.end(1)) if whole is None else (whole, 0)


def _piece_end(text: str, start: int, room: int) -> int:
    """Return the best end of a piece of at most `room` characters, or of one grapheme that is longer."""
    hard = start + room
    if hard >= len(text):
        return len(text)
    left = len(text) - start
    n_pieces = -(-left // room)
    target = start + -(-left // n_pieces)  # pieces of equal length
    best: tuple[int, int] | None = None
    end = 0
    for match in _BOUNDARY.finditer(text, start + int(_SHORTEST * room), min(len(text), hard + 1)):
        kind, position = match.lastindex or 4, match.end()
        if start < position <= hard and _is_grapheme_end(text, start, position):
            rank = (kind, abs(position - target))
            if best is None or rank < best:
                best, end = rank, position
    if best is not None:
        return end
    for position in range(hard, start, -1):
        is_word_start = _SPACE.match(text, position - 1) and not _SPACE.match(text, position)
        if is_word_start and text[start:position].strip() and _is_grapheme_end(text, start, position):
            return position
    if _SPACE.match(text, hard) and not text[start:hard].isspace():
        return hard  # a token that leaves no room for the space after it
    for position in range(target, start, -1):
        if _is_grapheme_end(text, start, position):
            return position
    position = target + 1
    while position < len(text) and not _is_grapheme_end(text, start, position):
        position += 1
    return position


def _is_grapheme_end(text: str, start: int, position: int) -> bool:
    """Tell whether `position` lies between two graphemes of `text`; `start` is known to."""
    if position >= len(text):
        return True
    before, after = text[position - 1], text[position]
    if after < "\u0300":
        return not (before == "\r" and after == "\n") and not _PREPENDS.match(before)
    if _EXTENDS.match(after) or before == _ZWJ or _PREPENDS.match(before):
        return False
    if unicodedata.category(after)[0] == "M":
        return False
    if _REGIONAL.match(before) and _REGIONAL.match(after):
        n_before = 0
        while position - n_before > start and _REGIONAL.match(text[position - n_before - 1]):
            n_before += 1
        return n_before % 2 == 0
    return True
