"""The score report: no figure without signature, mode and coverage."""

import pytest

from dragoman.errors import InputError, LanguageError, MismatchError
from dragoman.eval.results import (
    ConfidenceInterval,
    Coverage,
    MetricScore,
    Mode,
    ScoreReport,
    Share,
    check_comparable,
)
from dragoman.eval.scoring import Options, score, score_beads
from dragoman.units import Bead

HYPS = ["The mayor opened the new port.", "Ships came from Italy.", "The old fish market reopened."]
REFS = ["The mayor opened the new harbour.", "Ships arrived from Italy.", "The fish market was reopened."]
SRC = ["افتتح العمدة الميناء الجديد.", "وصلت سفن من إيطاليا.", "أعيد افتتاح سوق السمك."]
PLAIN = Options(n_bootstrap=0)


def test_a_score_prints_its_signature_mode_and_coverage() -> None:
    report = score(HYPS, REFS, options=PLAIN)
    for line in str(report).split("\n"):
        assert "nrefs:1|" in line
        assert "|mode:segment|cov:hyp=3/3,ref1=3/3,units=3 = " in line


def test_a_score_cannot_be_made_without_a_signature() -> None:
    with pytest.raises(ValueError, match="needs its signature"):
        MetricScore("BLEU", 1.0, "", Mode.SEGMENT, Coverage(1, Share(1, 1), (Share(1, 1),)))


def test_one_reference_may_be_given_without_a_list_around_it() -> None:
    assert score(HYPS, REFS, options=PLAIN).metrics == score(HYPS, [REFS], options=PLAIN).metrics


def test_several_references_are_counted_in_the_signature() -> None:
    assert "nrefs:2" in score(HYPS, [REFS, HYPS], options=PLAIN).metrics[0].signature


def test_the_interval_is_seeded_and_named_in_the_signature() -> None:
    options = Options(n_bootstrap=50, seed=3)
    first, second = (score(HYPS, REFS, options=options).metric("BLEU") for _ in range(2))
    assert first == second
    assert isinstance(first.interval, ConfidenceInterval)
    assert "|bs:50|seed:3|" in first.signature


def test_lengths_are_checked_before_sacrebleu_sees_them() -> None:
    with pytest.raises(MismatchError, match="different numbers of segments"):
        score(HYPS, REFS[:1])


def test_an_unknown_mode_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="sentence"):
        score(HYPS, REFS, mode="sentence")


def test_swapped_sides_are_refused() -> None:
    with pytest.raises(LanguageError, match="3 of 3 segments are not in the target language"):
        score(SRC, REFS)


def test_rows_hold_source_references_and_unit_scores() -> None:
    row = score(HYPS, REFS, src=SRC, options=PLAIN).segments[1]
    assert (row.index, row.src, row.refs, row.hyp) == (1, SRC[1], (REFS[1],), HYPS[1])
    assert len(row.scores) == 3


def test_document_mode_leaves_ter_out_and_says_so() -> None:
    report = score(HYPS, REFS, mode="document", options=PLAIN)
    assert [metric.name for metric in report.metrics] == ["BLEU", "chrF2++"]
    assert any(notice.kind == "metric-left-out" for notice in report.notices)
    with pytest.raises(InputError, match="TER is not defined on whole documents"):
        score(HYPS, REFS, mode="document", options=Options(metrics=("ter",)))


def test_an_article_is_scored_over_its_beads() -> None:
    beads = [Bead(range(0, 1), range(0, 1)), Bead(range(1, 2), range(1, 2)), Bead(range(2, 3), range(2, 2))]
    report = score_beads([beads], HYPS, [REFS[:2]], src=SRC, options=PLAIN)
    assert report.mode is Mode.ALIGNED
    assert str(report.coverage) == "hyp=2/3,ref1=2/2,units=2"
    assert report.metric("BLEU").score == score(HYPS[:2], REFS[:2], options=PLAIN).metric("BLEU").score
    assert [item.text for item in report.excluded] == HYPS[2:]


def test_alignments_and_references_must_be_as_many() -> None:
    with pytest.raises(MismatchError, match="1 alignments for 2 references"):
        score_beads([[]], HYPS, [REFS, REFS])


def test_scores_of_different_modes_do_not_compare() -> None:
    reports = [score(HYPS, REFS, mode=mode, options=PLAIN) for mode in ("segment", "resegmented")]
    with pytest.raises(MismatchError, match="different modes"):
        check_comparable(reports)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda: score(HYPS, REFS, options=Options(n_bootstrap=0, lowercase=True)), "different signatures"),
        (lambda: score(HYPS, HYPS, options=PLAIN), "different sources or references"),
    ],
)
def test_scores_taken_in_another_way_do_not_compare(other: "object", message: str) -> None:
    assert callable(other)
    second = other()
    assert isinstance(second, ScoreReport)
    with pytest.raises(MismatchError, match=message):
        check_comparable([score(HYPS, REFS, options=PLAIN), second])


def test_scores_of_two_systems_on_the_same_data_compare() -> None:
    check_comparable([score(HYPS, REFS, options=PLAIN), score(REFS, REFS, options=PLAIN)])
