import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.corpora.bead_files import Span
from dragoman.errors import MismatchError
from dragoman.eval.alignment import expected_calibration_error, reliability, score_beads, score_spans
from dragoman.units import Bead

BENCH = (
    Path(os.environ.get("DRAGOMAN_BENCH", Path(__file__).parents[2].parent / "shared" / "bench")) / "align"
)


def bead(src: range, tgt: range, confidence: float = 1.0) -> Bead:
    return Bead(src, tgt, confidence=confidence)


def test_the_same_beads_score_one() -> None:
    gold: list[Span] = [((0,), (0,)), ((1,), ()), ((2, 3), (1,))]
    score = score_spans([gold], [gold])
    assert score.strict.f1 == score.lax.f1 == score.src_nulls.f1 == 1.0


def test_known_figures_of_a_small_case() -> None:
    gold: list[Span] = [((0,), (0,)), ((1,), (1, 2)), ((), (3,))]
    test: list[Span] = [((0,), (0,)), ((1,), (1,)), ((), (2,)), ((), (3,))]
    score = score_spans([gold], [test])
    assert (score.strict.precision, score.strict.recall) == (0.5, 0.5)
    assert (score.lax.precision, score.lax.recall) == (0.75, 1.0)
    assert (score.tgt_nulls.precision, score.tgt_nulls.recall) == (0.5, 1.0)


def test_calibration_of_known_outcomes() -> None:
    bins = reliability([(0.9, True), (0.95, False), (0.1, False), (1.0, True)])
    assert [(bin_.n_beads, round(bin_.accuracy, 3)) for bin_ in bins] == [(1, 0.0), (3, 0.667)]
    error = expected_calibration_error(bins)
    assert error == pytest.approx(0.25 * 0.1 + 0.75 * (0.95 - 2 / 3))
    assert expected_calibration_error(()) is None


def test_beads_are_scored_with_calibration() -> None:
    score = score_beads([[((0,), (0,))]], [[bead(range(1), range(1), 0.8)]])
    assert score.calibration_error == pytest.approx(0.2)


def test_documents_that_do_not_match_are_refused() -> None:
    with pytest.raises(MismatchError, match="1 gold documents for 0"):
        score_beads([[]], [])


def _scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_align_score", BENCH / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


side = st.lists(st.integers(0, 6), max_size=3, unique=True).map(lambda numbers: tuple(sorted(numbers)))
spans = st.lists(st.tuples(side, side), max_size=8)


@pytest.mark.skipif(not (BENCH / "score.py").exists(), reason="the benchmark's scorer is not here")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(spans, spans), min_size=1, max_size=3))
def test_figures_equal_the_benchmark_scorer(documents: list[tuple[list[Span], list[Span]]]) -> None:
    gold, test = [pair[0] for pair in documents], [pair[1] for pair in documents]
    theirs = _scorer().score(gold, test)
    mine = score_spans(gold, test)
    assert mine.strict.f1 == pytest.approx(theirs["fs"])
    assert mine.lax.f1 == pytest.approx(theirs["fl"])
    assert (mine.strict.precision, mine.strict.recall) == pytest.approx((theirs["ps"], theirs["rs"]))
    assert (mine.lax.precision, mine.lax.recall) == pytest.approx((theirs["pl"], theirs["rl"]))
