"""Segments longer than a model's limit: cut at soft boundaries, translated in pieces, rejoined."""

from collections.abc import Callable, Sequence

from dragoman.corpora import oversize

_STRONG = (".", ";", ":", "!", "?", "\u061b", "\u061f", "\u2026")  # ARABIC SEMICOLON, QUESTION MARK; ELLIPSIS
_COMMAS = (",", "\u060c")  # COMMA, ARABIC COMMA


def pieces_of(text: str, limit: int, count: Callable[[str], int]) -> list[str]:
    """Divide a segment into pieces that a model takes; no character but white space is lost.

    Args:
        text: the segment.
        limit: most tokens in a piece.
        count: returns the tokens of a string, control tokens included.
    """
    pieces = oversize.cut(text, lambda piece: count(piece) <= limit)
    return [stripped for piece in pieces if (stripped := piece.strip())]


def rejoin(pieces: Sequence[str], translations: Sequence[str]) -> str:
    """Put the pieces' translations together as one segment.

    A model ends what looks like a sentence with a full stop; between pieces it is taken off again where the
    source has none, and a source comma is put there.

    >>> rejoin(["وصل الوفد،", "ثم سافر."], ["The delegation arrived.", "Then it left."])
    'The delegation arrived, Then it left.'
    """
    out = []
    for i, (piece, translation) in enumerate(zip(pieces, translations, strict=True)):
        text = translation.strip()
        if i < len(pieces) - 1 and not piece.endswith(_STRONG):
            text = text.rstrip(" .")
            if piece.endswith(_COMMAS) and text and not text.endswith(","):
                text += ","
        out.append(text)
    return " ".join(filter(None, out))
