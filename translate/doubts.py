"""What makes a model's answer doubtful as such: it is empty, loops, stutters, or never came to an end."""

import re
from collections.abc import Sequence

_MIN_REPEATS = {1: 5, 2: 4, 3: 4}  # of a phrase of so many words; longer ones: three times
_MAX_PERIOD = 12  # words
_MAX_DOUBLED = 8  # words of a phrase that follows itself
_DOUBLED_WORDS = frozenset(
    {
        "that",
        "had",
        "very",
        "so",
        "no",
        "is",
        "on",
        "in",
        "bye",
        "ha",
        "long",
        "more",
        "again",
        "many",
        "knock",
        "far",
        "really",
    }
)
_GLUED_LOOP = re.compile(r"([^\d\s.\-_=*]{1,12}?)\1{7,}")


def doubt(src: str, tgt: str, *, is_finished: bool) -> str | None:
    """Return "empty", "loop", "limit" or "stutter", None when nothing is wrong with the answer's shape.

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
    if not is_finished:
        return "limit"
    return "stutter" if doubled_phrase(src, tgt) else None


def doubled_phrase(src: str, tgt: str) -> str:
    """Return the first phrase that follows itself, "" when there is none or the source repeats itself too.

    >>> doubled_phrase("في وقت سابق", "at an earlier earlier time")
    'earlier'
    """
    words = words_and_marks(tgt)
    for n in range(1, _MAX_DOUBLED + 1):
        for i in range(len(words) - 2 * n + 1):
            phrase = words[i : i + n]
            is_telling = any(
                len(word) > 1 and not word.isdigit() and word not in _DOUBLED_WORDS for word in phrase
            )
            if is_telling and phrase == words[i + n : i + 2 * n]:
                return "" if _has_double(re.findall(r"[^\W_]+", src)) else " ".join(phrase)
    return ""


def words_and_marks(text: str) -> list[str]:
    """Return a text's words, case folded, and the marks that part them."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*|[.,;:!?—]", text.casefold())


def _has_double(words: Sequence[str]) -> bool:
    return any(
        words[i : i + n] == words[i + n : i + 2 * n]
        for n in range(1, 6)
        for i in range(len(words) - 2 * n + 1)
    )


def repeats(words: Sequence[str]) -> bool:
    """Tell whether a phrase stands several times in a row, without anything between.

    >>> repeats("the city and the city and the city and the city and".split())
    True
    """
    n = len(words)
    for period in range(1, min(_MAX_PERIOD, n // 3) + 1):
        needed = (_MIN_REPEATS.get(period, 3) - 1) * period
        run = 0
        for i in range(period, n):
            run = run + 1 if words[i] == words[i - period] else 0
            if run >= needed:
                return True
    return False
