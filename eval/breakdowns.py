"""Where systems differ: scores by length and document, recall of rare words, of numbers and of names.

Lengths and documents cut the units into parts; each part is scored from the summed statistics, so the
values are corpus scores of the part. Words are looked at one by one: a reference word counts as found when
the hypothesis has it (each occurrence once), after the fashion of compare-mt (Neubig et al. 2019,
compare-mt: A Tool for Holistic Comparison of Language Generation Systems).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from dragoman.eval.bead_units import Units
from dragoman.eval.comparison import Breakdown, Bucket
from dragoman.eval.metrics import Statistics

_LENGTHS = ((1, 9), (10, 19), (20, 29), (30, 39), (40, 59), (60, None))
_FREQUENCIES = ((1, 1), (2, 2), (3, 4), (5, 9), (10, 99), (100, None))
_MAX_DOCUMENTS = 200  # rows that a person still looks at; the rest is summed up

_WORD = re.compile(r"\d+(?:[.,:/]\d+)*%?|[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_NUMBER = re.compile(r"\d")
_GROUPING = re.compile(r"(?<=\d)[,\u066c](?=\d{3}(?!\d))")
_SENTENCE_START = re.compile(r"""(?:^|[.!?:…]["'”’)]*)\s*["'“‘(«-]*\s*$""")


def length_breakdown(units: Units, measured: Sequence[Sequence[Statistics]], metric: int = 0) -> Breakdown:
    """Score units by the number of words in their (first available) reference.

    Args:
        units: as scored.
        measured: statistics of each system on each metric.
        metric: index of the metric shown.
    """
    lengths = [len(_first(refs).split()) for refs in zip(*units.refs, strict=True)]
    parts = []
    for low, high in _LENGTHS:
        members = [i for i, n in enumerate(lengths) if n >= low and (high is None or n <= high)]
        parts.append((f"{low}–{high} words" if high else f"{low} words and more", members))
    return _scored("length", "By length of the reference", parts, measured, metric)


def document_breakdown(
    units: Units, measured: Sequence[Sequence[Statistics]], metric: int = 0
) -> Breakdown | None:
    """Score each document, None when the units are of one document."""
    members: dict[str, list[int]] = {}
    for index, name in enumerate(units.doc_ids):
        members.setdefault(name, []).append(index)
    if len(members) < 2:
        return None
    parts = list(members.items())
    if len(parts) > _MAX_DOCUMENTS:
        rest = [i for _, found in parts[_MAX_DOCUMENTS:] for i in found]
        parts = [*parts[:_MAX_DOCUMENTS], (f"{len(parts) - _MAX_DOCUMENTS} more documents", rest)]
    return _scored("document", "By document", parts, measured, metric)


def rare_word_breakdown(units: Units, frequencies: Counter[str] | None = None) -> Breakdown:
    """Measure how well words of each frequency are translated: F1 of word occurrences.

    Args:
        units: as scored.
        frequencies: word counts of the training corpus, lower-cased; of the references when None.
    """
    references = [words(_first(refs)) for refs in zip(*units.refs, strict=True)]
    counted = frequencies if frequencies is not None else Counter(w for found in references for w in found)
    floor = 1 if frequencies is None else 0
    buckets = []
    for low, high in _FREQUENCIES:
        bottom = floor if low == 1 else low

        def wanted(word: str, bottom: int = bottom, high: int | None = high) -> bool:
            return counted[word] >= bottom and (high is None or counted[word] <= high)

        label = f"{low}" if low == high else (f"{low}–{high}" if high else f"{low} and more")
        buckets.append(_f1_bucket(f"seen {label} times", references, units, wanted))
    source = "training data" if frequencies is not None else "references"
    return Breakdown(
        "rare-words",
        "Words by frequency",
        "F1 of words, %",
        "reference words",
        tuple(buckets),
        f"Frequencies are those of the {source}; a word that a system invents counts against it.",
    )


def number_name_breakdown(units: Units) -> Breakdown:
    """Measure how many of the reference's numbers and names the hypothesis has.

    A number is a word with a digit, thousands separators dropped; a name is a capitalised word inside a
    sentence.
    """
    references = [_first(refs) for refs in zip(*units.refs, strict=True)]
    kinds: tuple[tuple[str, Callable[[str], list[str]]], ...] = (("numbers", numbers), ("names", names))
    buckets = []
    for label, extract in kinds:
        wanted = [Counter(extract(text)) for text in references]
        n_wanted = sum(found.total() for found in wanted)
        values: list[float | None] = []
        for hyps in units.hyps:
            hit = 0
            for found, hyp in zip(wanted, hyps, strict=True):
                if found:
                    # A name counts wherever the hypothesis has it, at the start of a sentence too.
                    have = Counter(numbers(hyp) if label == "numbers" else _WORD.findall(hyp))
                    hit += (found & have).total()
            values.append(100.0 * hit / n_wanted if n_wanted else None)
        buckets.append(Bucket(label, n_wanted, tuple(values)))
    return Breakdown(
        "numbers-names",
        "Numbers and names",
        "recall, %",
        "in the references",
        tuple(buckets),
        "Numbers written in words are not counted; names are capitalised words inside a sentence.",
    )


def words(text: str) -> list[str]:
    """Words of a text, lower-cased, numbers whole.

    >>> words("The U.S. paid 1,200.50 in mid-May.")
    ['the', 'u', 's', 'paid', '1,200.50', 'in', 'mid-may']
    """
    return [word.lower() for word in _WORD.findall(text)]


def numbers(text: str) -> list[str]:
    """Numbers of a text in one spelling: no thousands separators, no percent sign.

    >>> numbers("1,200 of 45.5% in 2020")
    ['1200', '45.5', '2020']
    """
    plain = _GROUPING.sub("", text)
    return [word.rstrip("%") for word in _WORD.findall(plain) if _NUMBER.search(word)]


def names(text: str) -> list[str]:
    """Capitalised words that no sentence begins with.

    >>> names("The mayor of Haifa met Ali. Then he left.")
    ['Haifa', 'Ali']
    """
    return [
        match[0]
        for match in _WORD.finditer(text)
        if match[0][0].isupper()
        and match[0] != "I"
        and not _SENTENCE_START.search(text[: match.start()][-8:])
    ]


def _first(refs: Iterable[str | None]) -> str:
    """The first reference that there is."""
    return next((ref for ref in refs if ref is not None), "")


def _scored(
    slug: str,
    title: str,
    parts: Sequence[tuple[str, Sequence[int]]],
    measured: Sequence[Sequence[Statistics]],
    metric: int,
) -> Breakdown:
    buckets = tuple(
        Bucket(label, len(members), tuple(system[metric].part_score(members) for system in measured))
        for label, members in parts
        if members
    )
    shown = measured[0][metric]
    return Breakdown(slug, title, shown.name, "segments", buckets, shown.signature)


def _f1_bucket(
    label: str, references: Sequence[Sequence[str]], units: Units, wanted: Callable[[str], bool]
) -> Bucket:
    kept = [Counter(word for word in found if wanted(word)) for found in references]
    n_ref = sum(found.total() for found in kept)
    values: list[float | None] = []
    for hyps in units.hyps:
        n_hyp = n_hit = 0
        for found, hyp in zip(kept, hyps, strict=True):
            have = Counter(word for word in words(hyp) if wanted(word))
            n_hyp += have.total()
            n_hit += (found & have).total()
        values.append(200.0 * n_hit / (n_ref + n_hyp) if n_ref + n_hyp else None)
    return Bucket(label, n_ref, tuple(values))
