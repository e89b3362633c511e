"""What is wrong with hypotheses, references and source, found before a metric sees them, by line.

A score of the wrong text is still a number. These checks look for what commonly went wrong on the way:
empty lines, output that was left tokenised or lower-cased, a side in the wrong language, hypotheses that
are copies of the source or of the reference. What makes a score meaningless is refused; the rest is
reported with the lines.
"""

import re
from collections.abc import Callable, Sequence

from dragoman.errors import LanguageError
from dragoman.eval.bead_units import Units
from dragoman.units import Notice, Severity

_SHOWN = 5  # lines named in a message
_ARABIC_SCRIPT = frozenset({"ar", "arb", "ary", "arz", "fa", "ur", "ps", "ckb", "ug", "sd"})
_TOKENISED = re.compile(r"\w [.,!?;:](?: |$)|@-@|@@ |&(?:quot|apos|amp);|\w n't\b|\w 's\b")
_TOKENISED_SHARE = 0.3  # of lines; French and Arabic spacing habits stay below
_FEW = 10  # lines below which shares of lines say nothing
_COPIED_SHARE = 0.5

# Letters of the Arabic blocks, presentation forms included, and the letters of everything else.
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdff\ufe70-\ufefc]")
_OTHER = re.compile(
    "[^\\W\\d_\u0620-\u064a\u066e-\u06d3\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdff\ufe70-\ufefc]"
)

_Text = str | None


def check_units(
    units: Units,
    systems: Sequence[str],
    *,
    src_lang: str = "ar",
    tgt_lang: str = "en",
    lowercase: bool = False,
) -> tuple[Notice, ...]:
    """Look at every side of the units.

    Args:
        units: as they will be scored.
        systems: the systems' names, for messages.
        src_lang: BCP 47 code.
        tgt_lang: BCP 47 code.
        lowercase: case is folded by the metrics, so that lower-cased text is no mistake.

    Raises:
        LanguageError: most lines of a side are in the wrong script.
    """
    notices: list[Notice] = []
    with_source = any(units.src)
    sides: list[tuple[str, Sequence[_Text]]] = [
        *((name or "the hypotheses", hyps) for name, hyps in zip(systems, units.hyps, strict=True)),
        *((f"reference {i + 1}", refs) for i, refs in enumerate(units.refs)),
    ]
    for name, texts in sides:
        _check_script(name, texts, tgt_lang, units, notices)
        _note(notices, "empty", f"{name}: empty segments", units, [text == "" for text in texts])
        _check_tokenised(name, texts, units, notices)
        if not lowercase:
            _check_case(name, texts, notices)
    if with_source:
        _check_script("the source", units.src, src_lang, units, notices)
        _note(notices, "empty-source", "the source: empty segments", units, [not text for text in units.src])
    for name, hyps in sides[: len(units.hyps)]:
        copies = [bool(hyp) and hyp == src for hyp, src in zip(hyps, units.src, strict=True)]
        _note(notices, "copied-source", f"{name}: hypotheses equal to their source", units, copies)
        same = sum(bool(hyp) and hyp in refs for hyp, *refs in zip(hyps, *units.refs, strict=True))
        if len(hyps) >= _FEW and same > _COPIED_SHARE * len(hyps):
            notices.append(
                Notice(
                    "equals-reference",
                    f"{name}: {same} of {len(hyps)} hypotheses equal a reference: is this a reference file, "
                    "or was the test set in the training data?",
                )
            )
    return tuple(notices)


def _note(
    notices: list[Notice],
    kind: str,
    what: str,
    units: Units,
    hits: Sequence[bool],
    severity: Severity = Severity.WARNING,
) -> None:
    """Add one notice that names the units for which `hits` is true."""
    places = [i for i, hit in enumerate(hits) if hit]
    if places:
        notices.append(Notice(kind, f"{what}: {_named(units, places)}", severity))


def _named(units: Units, places: Sequence[int]) -> str:
    shown = ", ".join(
        f"{units.doc_ids[i]}:{units.seg_ids[i]}" if units.doc_ids[i] else units.seg_ids[i]
        for i in places[:_SHOWN]
    )
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f"{len(places)} ({'segments' if len(places) > 1 else 'segment'} {shown}{more})"


def _check_script(name: str, texts: Sequence[_Text], lang: str, units: Units, notices: list[Notice]) -> None:
    arabic = lang.split("-")[0].lower() in _ARABIC_SCRIPT
    wrong: Callable[[str], bool] = _is_not_arabic if arabic else _is_mostly_arabic
    hits = [text is not None and wrong(text) for text in texts]
    if sum(hits) > 0.5 * max(1, sum(bool(text) for text in texts)):
        expected = "in Arabic script" if arabic else f"in the target language ({lang})"
        raise LanguageError(
            f"{name}: {sum(hits)} of {len(texts)} segments are not {expected}: "
            "are two files swapped, or was nothing translated?"
        )
    if not arabic:
        _note(notices, "wrong-language", f"{name}: segments mostly in Arabic script", units, hits)


def _check_tokenised(name: str, texts: Sequence[_Text], units: Units, notices: list[Notice]) -> None:
    hits = [text is not None and bool(_TOKENISED.search(text)) for text in texts]
    if len(texts) >= _FEW and sum(hits) > _TOKENISED_SHARE * len(texts):
        _note(notices, "tokenised", f"{name}: looks tokenised; scores want plain text; segments", units, hits)


def _check_case(name: str, texts: Sequence[_Text], notices: list[Notice]) -> None:
    joined = "".join(text for text in texts if text)
    if len(texts) >= _FEW and any(c.islower() for c in joined) and not any(c.isupper() for c in joined):
        notices.append(
            Notice(
                "lower-cased",
                f"{name}: has no capital letter; scores are case-sensitive unless --lowercase is given",
            )
        )


def _is_mostly_arabic(text: str) -> bool:
    return len(_ARABIC.findall(text)) > len(_OTHER.findall(text))


def _is_not_arabic(text: str) -> bool:
    return bool(_OTHER.search(text)) and not _ARABIC.search(text)
