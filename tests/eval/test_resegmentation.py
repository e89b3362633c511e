"""Re-segmentation by minimum word error rate."""

import os
import random
from collections.abc import Sequence
from itertools import combinations_with_replacement
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.errors import InputError
from dragoman.eval.metrics import SacreMetric
from dragoman.eval.resegmentation import resegment

WORDS = st.lists(st.sampled_from(["a", "b", "c", "A,", "b.", "d"]), max_size=7)


@pytest.fixture(scope="module")
def mt_bench() -> Path:
    """Folder with flores-dev and the outputs of six systems; it may not be in the repository."""
    named = os.environ.get("DRAGOMAN_BENCH")
    folder = (Path(named) if named else Path(__file__).parents[3] / "shared" / "bench") / "mt"
    if not (folder / "flores-dev.ar").is_file():
        pytest.skip("the MT benchmark is not on this machine (DRAGOMAN_BENCH)")
    return folder


def _distance(hyp: Sequence[str], ref: Sequence[str]) -> int:
    """Plain Levenshtein distance of words with the costs of the module: 8 an edit, 2 a near match."""
    row = [8 * j for j in range(len(hyp) + 1)]
    for i, word in enumerate(ref, 1):
        above, row = row, [8 * i]
        for j, other in enumerate(hyp, 1):
            near = word.strip(",.").lower() == other.strip(",.").lower()
            cost = 0 if word == other else 2 if near else 8
            row.append(min(above[j] + 8, row[j - 1] + 8, above[j - 1] + cost))
    return row[-1]


def _cost(segments: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]) -> int:
    """Edits against the nearest reference of each segment, and 1 for each cut inside a sentence."""
    total = sum(
        min(_distance(segment, reference[i]) for reference in references)
        for i, segment in enumerate(segments)
    )
    words_so_far: list[str] = []
    for segment in segments[:-1]:
        words_so_far += segment
        total += bool(words_so_far) and not words_so_far[-1].endswith(".")
    return total


@settings(max_examples=60, deadline=None)
@given(
    WORDS,
    st.integers(1, 3).flatmap(
        lambda n: st.lists(st.lists(WORDS.filter(bool), min_size=n, max_size=n), min_size=1, max_size=2)
    ),
)
def test_no_other_segmentation_is_cheaper(words: list[str], references: list[list[list[str]]]) -> None:
    n_segments = len(references[0])
    found = resegment(" ".join(words), [[" ".join(segment) for segment in ref] for ref in references])
    segments = [segment.split() for segment in found]
    assert [word for segment in segments for word in segment] == words
    best = min(
        _cost([words[a:b] for a, b in zip((0, *cuts), (*cuts, len(words)), strict=True)], references)
        for cuts in combinations_with_replacement(range(len(words) + 1), n_segments - 1)
    )
    assert _cost(segments, references) == best


def test_the_reference_itself_is_cut_at_its_own_boundaries() -> None:
    reference = ["One two three.", "Four five.", "Six."]
    assert resegment(" ".join(reference), [reference]) == reference


def test_an_empty_hypothesis_gives_empty_segments() -> None:
    assert resegment("", [["One.", "Two."]]) == ["", ""]


def test_references_in_two_segmentations_are_refused() -> None:
    with pytest.raises(InputError, match="one segmentation"):
        resegment("a b", [["a", "b"], ["a b"]])


@pytest.mark.parametrize("system", ["argos", "google"])
def test_bleu_of_a_shuffled_segmentation_is_within_three_tenths(mt_bench: Path, system: str) -> None:
    refs, hyps = (
        (mt_bench / f"flores-dev.{name}").read_text(encoding="utf-8").split("\n")[:300]
        for name in ("en", f"{system}.en")
    )
    draw = random.Random(1)
    words = " ".join(hyps).split()
    shuffled = []
    while words:
        size = draw.randint(5, 40)
        shuffled.append(" ".join(words[:size]))
        words = words[size:]
    metric = SacreMetric("bleu", [refs])
    exact, again = metric.measure(hyps).corpus, metric.measure(resegment(shuffled, [refs])).corpus
    assert abs(exact - again) < 0.3
