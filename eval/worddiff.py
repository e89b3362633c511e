"""Which words two texts share, in order: the longest common subsequence of their words.

Words are compared without case and without the punctuation around them, because a reader looks for a wrong
word, not for a comma. The report's JavaScript does the same for rows drawn in the browser; a test holds
the two together.
"""

import re
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

_PIECES = re.compile(r"\s+|\S+")
_EDGE = re.compile(r"^[^\w]+|[^\w]+$")


def words(text: str) -> list[str]:
    """Return the words of `text` as they stand.

    >>> words("Yes,  indeed.")
    ['Yes,', 'indeed.']
    """
    return text.split()


def comparison_key(word: str) -> str:
    """Return the form in which a word is compared; a word that is punctuation alone stays as it is.

    >>> comparison_key("“Yes,”"), comparison_key("—")
    ('yes', '—')
    """
    return _EDGE.sub("", word).lower() or word


def shared_words(first: Sequence[str], second: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Tell for each word whether it is part of a longest common subsequence of both texts.

    Args:
        first: words of one text.
        second: words of the other.

    Returns:
        Two masks, as long as the inputs; both hold the same number of True.
    """
    in_first, in_second = [False] * len(first), [False] * len(second)
    keys_first, keys_second = [comparison_key(w) for w in first], [comparison_key(w) for w in second]
    for code in LCSseq.opcodes(keys_first, keys_second):
        if code.tag == "equal":
            in_first[code.src_start : code.src_end] = [True] * (code.src_end - code.src_start)
            in_second[code.dest_start : code.dest_end] = [True] * (code.dest_end - code.dest_start)
    return in_first, in_second


def pieces(text: str, shared: Sequence[bool]) -> list[tuple[str, bool]]:
    """Cut `text` into runs of (text, shared?); white space between two runs belongs to the shared side.

    Args:
        text: as it stands, white space included.
        shared: one entry a word of `words(text)`.

    Returns:
        Runs that join to `text` again.
    """
    runs: list[tuple[str, bool]] = []
    tokens = _PIECES.findall(text)
    n = 0
    for i, token in enumerate(tokens):
        if token.isspace():
            inside = 0 < i < len(tokens) - 1
            state = not (inside and not shared[n - 1] and not shared[n])
        else:
            state, n = shared[n], n + 1
        if runs and runs[-1][1] == state:
            runs[-1] = (runs[-1][0] + token, state)
        else:
            runs.append((token, state))
    return runs
