"""Segments that no model is asked about: numbers, URLs, text without letters of the source language.

Translation models invent text for them (fairseq#4854: NLLB answers a number with a sentence). They are
copied, with provenance and a flag that says why. In a copy Arabic-Indic digits and their separators are
written in ASCII, and Arabic commas, semicolons and question marks as English ones, because the copy stands in
an English text; URLs, addresses and handles stay byte for byte.
"""

import re

from dragoman.corpora.normalisation import collapse_space, drop_bidi_controls, drop_controls, fold_digits
from dragoman.translate import verbatim
from dragoman.units import Flag, Hypothesis, Origin, Severity

_ARABIC = re.compile(
    "[\u0620-\u063f\u0641-\u064a\u066e-\u066f\u0671-\u06d3\u0750-\u077f\u08a0-\u08c7\ufb50-\ufdfb\ufe70-\ufefc]"
)
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_LETTER = re.compile(r"[^\W\d_]")
_MARKS = str.maketrans(
    {"\u060c": ",", "\u061b": ";", "\u061f": "?"}
)  # ARABIC COMMA, SEMICOLON, QUESTION MARK
# A line in Latin letters with an Arabic word or two in it is foreign text, not a sentence to translate.
_MIN_LATIN = 20
_LATIN_PER_ARABIC = 4

_REASONS = {
    "copy-number": "no letters: copied, digits in ASCII",
    "copy-verbatim": "URL, address or handle only: copied",
    "copy-foreign": "no letters of the source language: copied",
    "copy-mostly-foreign": "mostly in another script: copied, not translated",
}


def bypass(text: str, *, src_lang: str = "ar") -> Hypothesis | None:
    """Return the copy that stands for a segment's translation, None when the model must be asked.

    Args:
        text: a segment; may be blank, which gives an empty copy without flags.
        src_lang: "ar" asks for Arabic letters, any other language for letters.
    """
    if not text.strip():
        return Hypothesis("", Origin.COPY)
    has_letters = _ARABIC.search if src_lang == "ar" else _LETTER.search
    if not has_letters(text):
        if not _LETTER.search(text):
            return _copied(text, "copy-number")
        is_verbatim = all(
            not _LETTER.search(part.text) for part in verbatim.split(text) if not part.is_verbatim
        )
        return _copied(text, "copy-verbatim" if is_verbatim else "copy-foreign")
    if not any(has_letters(part.text) for part in verbatim.split(text) if not part.is_verbatim):
        return _copied(text, "copy-verbatim")
    if src_lang == "ar":
        n_latin = len(_LATIN.findall(text))
        if n_latin >= _MIN_LATIN and n_latin >= _LATIN_PER_ARABIC * len(_ARABIC.findall(text)):
            return _copied(text, "copy-mostly-foreign", Severity.WARNING)
    return None


def copy_of(text: str) -> str:
    """Return the text as it stands in an English text: on one line, ASCII digits, no control characters."""
    return collapse_space(
        "".join(
            drop_bidi_controls(
                drop_controls(part.text if part.is_verbatim else fold_digits(part.text).translate(_MARKS))
            )
            for part in verbatim.split(text)
        )
    )


def _copied(text: str, kind: str, severity: Severity = Severity.INFO) -> Hypothesis:
    return Hypothesis(copy_of(text), Origin.COPY, flags=(Flag(kind, severity, _REASONS[kind]),))
