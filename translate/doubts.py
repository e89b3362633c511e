"""What makes a model's answer doubtful as such: it is empty, it loops, or it never came to an end."""

import re
from collections.abc import Sequence

_MIN_REPEATS = 3  # times that a phrase stands running
_MAX_PERIOD = 12  # words
_GLUED_LOOP = re.compile(r"([^\d\s.\-_=*]{1,12}?)\1{7,}")


def doubt(src: str, tgt: str, *, is_finished: bool) -> str | None:
    """Return "empty", "loop" or "limit", None when nothing is wrong with the answer's shape.

    Args:
        src: what the model was given; repetition that is already there is no fault.
        tgt: its answer.
        is_finished: whether it ended the sentence itself.
    """
    for is_content in (str.isalpha, str.isalnum):
        if any(map(is_content, src)) and not any(map(is_content, tgt)):
            return "empty"
    if not any(map(str.isalnum, tgt)):
        return None
    if (repeats(tgt.split()) and not repeats(src.split())) or (
        _GLUED_LOOP.search(tgt) and not _GLUED_LOOP.search(src)
    ):
        return "loop"
    return None if is_finished else "limit"


def repeats(words: Sequence[str]) -> bool:
    """Tell whether a phrase stands several times in a row, without anything between.

    >>> repeats("the city and the city and the city and the city and".split())
    True
    """
    n = len(words)
    for period in range(1, min(_MAX_PERIOD, n // 3) + 1):
        needed = (_MIN_REPEATS - 1) * period
        run = 0
        for i in range(period, n):
            run = run + 1 if words[i] == words[i - period] else 0
            if run >= needed:
                return True
    return False
