"""Who made a target text, as bitext files carry it: flags and suggestions as text, and signs of a later edit.

CAT tools keep our properties while a translator rewrites the target. A digest of the target as we wrote it
lies beside it; when it no longer fits, a person has changed the target, whatever the file still says about
its origin.
"""

import hashlib
import re
from dataclasses import dataclass, replace

from dragoman.units import Flag, Severity, TranslationUnit

HUMAN = "human"
ALIGNED = "aligned"
_FLAG = re.compile(r"(error|warning|info) ([^\s:]+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Match:
    """A suggestion from a translation memory for a source text that is like, not equal to, a known one.

    Attributes:
        src: the source text that the memory knows.
        tgt: its translation.
        similarity: 0 to 100, 100 for equal keys.
        origin: who made `tgt`, as `TranslationUnit.origin`.
    """

    src: str
    tgt: str
    similarity: float
    origin: str = ""


def target_digest(tgt: str) -> str:
    """Return a short digest of a target text; 64 bits of SHA-256, since it only tells an edit from none."""
    return hashlib.sha256(tgt.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def mark_edited(unit: TranslationUnit, digest: str) -> TranslationUnit:
    """Return the unit as a person's when its target no longer has the digest it was written with.

    The score and the flags spoke of the old target and are dropped.
    """
    if not digest or digest == target_digest(unit.tgt) or not unit.tgt:
        return unit
    return replace(unit, origin=HUMAN, score=None, flags=())


def flag_to_text(flag: Flag) -> str:
    """Write a flag as one line of text.

    >>> flag_to_text(Flag("number", Severity.ERROR, "12 is missing"))
    'error number: 12 is missing'
    """
    return f"{flag.severity.value} {flag.kind}: {flag.message}"


def flag_from_text(text: str) -> Flag | None:
    """Read what `flag_to_text` wrote; None for any other text."""
    match = _FLAG.fullmatch(text)
    return Flag(match[2], Severity(match[1]), match[3]) if match else None


def score_from_text(text: str) -> float | None:
    """Read a score; None for text that is no number."""
    try:
        return float(text)
    except ValueError:
        return None
