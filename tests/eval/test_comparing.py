"""Several systems on the same units, and what the renderings show of them."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dragoman.errors import InputError, MismatchError
from dragoman.eval.breakdowns import names, numbers
from dragoman.eval.comparing import System, compare
from dragoman.eval.comparison import Comparison
from dragoman.eval.correlation import pearson, spearman
from dragoman.eval.foreign_scores import ForeignScores
from dragoman.eval.inputs import Side
from dragoman.eval.results import InputFile, Mode
from dragoman.eval.scoring import Options
from dragoman.eval.tables import FORMATS, render_comparison_table, render_reports

N = 30


def _texts() -> tuple[list[str], list[str], list[str]]:
    """References, a good system and a bad one."""
    draw = random.Random(5)
    words = [f"{a}{b}" for a in ("ba", "du", "ke", "lo", "mi") for b in ("n", "r", "s", "t")]
    refs = [
        "The " + " ".join(draw.choices(words, k=draw.randint(5, 14))) + f" in {i + 1900}." for i in range(N)
    ]

    def noisy(rate: float) -> list[str]:
        return [" ".join("zut" if draw.random() < rate else word for word in ref.split()) for ref in refs]

    return refs, noisy(0.1), noisy(0.6)


def _foreign(*values: float, metric: str = "COMET") -> ForeignScores:
    return ForeignScores(metric, values, InputFile("scores", f"/x/{metric}.txt", "ab" * 32, len(values)))


def _compare(test: str = "bs", mode: Mode = Mode.SEGMENT, foreign: bool = False) -> Comparison:
    refs, good, bad = _texts()
    docs = tuple(f"d{i // 10}" for i in range(N))
    extra = [(_foreign(*(rate + i / 100 for i in range(N))),) if foreign else () for rate in (0.8, 0.1)]
    return compare(
        [System(Side("good", tuple(good), docs), extra[0]), System(Side("bad", tuple(bad), docs), extra[1])],
        [Side("ref", tuple(refs), docs)],
        mode=mode,
        test=test,
        n_samples=200 if test else None,
        options=Options(metrics=("bleu", "chrf++")),
    )


@pytest.mark.parametrize("test", ["bs", "ar"])
def test_a_worse_system_is_a_significant_regression(test: str) -> None:
    comparison = _compare(test)
    lost = [(system.name, paired.metric) for system, paired in comparison.regressions()]
    assert lost == [("bad", "BLEU"), ("bad", "chrF2++")]
    assert [system.ranks for system in comparison.systems] == [(1, 1), (2, 2)]


def test_a_copy_is_no_regression_and_shares_the_group() -> None:
    refs, good, _ = _texts()
    systems = [System(Side(name, tuple(good))) for name in ("one", "two")]
    comparison = compare(systems, [Side("ref", tuple(refs))], n_samples=100)
    assert comparison.regressions() == []
    assert {system.ranks for system in comparison.systems} == {(1, 1, 1)}


def test_losses_of_an_error_rate_are_rises() -> None:
    refs, good, bad = _texts()
    systems = [System(Side("good", tuple(good))), System(Side("bad", tuple(bad)))]
    comparison = compare(
        systems, [Side("ref", tuple(refs))], n_samples=100, options=Options(metrics=("ter",))
    )
    [(system, paired)] = comparison.regressions()
    assert system.name == "bad" and paired.delta > 0


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "json"])
def test_every_rendering_shows_signature_mode_and_coverage(form: str) -> None:
    comparison = _compare(mode=Mode.RESEGMENTED)
    for shown in (
        render_comparison_table(comparison, form),
        render_reports([system.report for system in comparison.systems], form),
    ):
        plain = shown.replace("\\textbar{}", "|").replace("\\", "")
        for metric in comparison.baseline.report.metrics:
            assert metric.signature in plain
        assert "resegmented" in plain
        assert "hyp=30/30,ref1=30/30,units=30" in plain


def test_every_figure_of_the_json_has_signature_mode_and_coverage() -> None:
    value = json.loads(render_comparison_table(_compare(), "json"))
    for system in value["systems"]:
        for metric in system["metrics"]:
            assert metric["signature"] and metric["mode"] == "segment"
            assert metric["coverage"]["references"] == [{"covered": N, "total": N}]
            assert metric["interval"]["n_samples"] == 200
    assert value["regressions"][0]["system"] == "bad"


def test_foreign_segment_scores_stand_in_the_same_table_and_are_tested() -> None:
    comparison = _compare(foreign=True)
    assert comparison.metric_names == ("BLEU", "chrF2++", "COMET")
    metric = comparison.baseline.report.metric("COMET")
    assert metric.score == pytest.approx(0.8 + 14.5 / 100)
    assert metric.signature.startswith("file:COMET.txt|bs:200|seed:12345|sha256:abababababab")
    assert comparison.systems[1].paired[2].p_value == pytest.approx(1 / 201)
    assert any(c.second == "COMET" and c.system == "all systems" for c in comparison.correlations)


def test_foreign_scores_must_be_as_many_as_the_units_and_there_for_all() -> None:
    refs, good, bad = _texts()
    sides = [Side("good", tuple(good)), Side("bad", tuple(bad))]
    with pytest.raises(MismatchError, match=r"2 COMET scores for 30 scored units"):
        compare([System(sides[0], (_foreign(1, 2),))], [Side("ref", tuple(refs))])
    with pytest.raises(MismatchError, match="the same metrics for every system"):
        compare([System(sides[0], (_foreign(*range(N)),)), System(sides[1])], [Side("ref", tuple(refs))])


def test_two_systems_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="the same name"):
        compare([System(Side("a", ("x",))), System(Side("a", ("y",)))], [Side("ref", ("z",))])


def test_breakdowns_cut_the_units_without_rest() -> None:
    by_slug = {breakdown.slug: breakdown for breakdown in _compare().breakdowns}
    assert set(by_slug) == {"length", "document", "rare-words", "numbers-names"}
    for slug in ("length", "document"):
        assert sum(bucket.n_items for bucket in by_slug[slug].buckets) == N
    assert [bucket.label for bucket in by_slug["document"].buckets] == ["d0", "d1", "d2"]
    for breakdown in by_slug.values():
        for bucket in breakdown.buckets:
            good, bad = bucket.values
            assert good is None or bad is None or good > bad
    numbers_found = by_slug["numbers-names"].buckets[0]
    assert numbers_found.n_items == N


def test_ngrams_lost_are_those_of_the_reference_that_only_the_baseline_has() -> None:
    [difference] = _compare().ngrams
    assert difference.system == "bad"
    for change in difference.lost:
        assert change.n_system < change.n_baseline <= change.n_reference
    assert len(difference.lost) > len(difference.won)


def test_numbers_are_compared_in_one_spelling() -> None:
    assert numbers("1,250 people, 3.5% of 12") == numbers("1250 people, 3.5 of 12") == ["1250", "3.5", "12"]


def test_names_are_capitalised_words_inside_a_sentence() -> None:
    assert names('Today Ali met I. "Then Sara left," he said.') == ["Ali", "Sara"]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=30))
def test_correlations_equal_scipys(pairs: list[tuple[int, int]]) -> None:
    first, second = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    if len(set(first)) > 1 and len(set(second)) > 1:
        assert pearson(first, second) == pytest.approx(
            float(stats.pearsonr(first, second).statistic), abs=1e-9
        )
        assert spearman(first, second) == pytest.approx(
            float(stats.spearmanr(first, second).statistic), abs=1e-9
        )
