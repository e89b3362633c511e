"""Signals of risk that need no reference."""

import pytest

from dragoman.eval.risk import combined_risk, rank_signals, segment_risks

SRC = ["وصل ٢٥ طالبا.", "عاد الوزير إلى بلاده أمس.", "افتتح العمدة الميناء."]
GOOD = ["25 students arrived.", "The minister returned home yesterday.", "The mayor opened the port."]


def test_good_translations_have_no_mark_of_a_fault() -> None:
    for risk in segment_risks(SRC, GOOD):
        assert (risk.repetition, risk.copied, risk.numbers) == (0.0, 0.0, 0.0)
        assert risk.logprob is None


@pytest.mark.parametrize(
    ("signal", "hyp"),
    [
        ("repetition", "25 students came in and came in and came in and came in."),
        ("copied", "وصل 25 students."),
        ("numbers", "Students arrived."),
        ("length", "25 " + "students who had been on their way for a long time " * 3 + "arrived."),
    ],
)
def test_each_fault_raises_its_signal(signal: str, hyp: str) -> None:
    clean, faulty = segment_risks(SRC, GOOD)[0], segment_risks(SRC, [hyp, *GOOD[1:]])[0]
    assert getattr(faulty, signal) > getattr(clean, signal)


def test_a_low_log_probability_and_a_lost_round_trip_are_risky() -> None:
    risks = segment_risks(SRC, GOOD, mean_logprobs=[-3.0, -0.2, -0.1], round_trips=["شيء آخر", *SRC[1:]])
    assert risks[0].logprob == 3.0
    trips = [risk.round_trip for risk in risks]
    assert trips[0] is not None and trips[1] == 0.0 and trips[0] > 50
    combined = combined_risk(risks)
    assert combined.index(max(combined)) == 0


def test_a_signal_that_ranks_like_chrf_has_a_spearman_of_one() -> None:
    hyps = ["25 students arrived.", "The minister came back.", "Nobody knows."]
    risks = segment_risks(SRC, hyps, mean_logprobs=[-0.1, -0.5, -2.0])
    ranked = {signal.name: signal for signal in rank_signals(risks, hyps, GOOD)}
    assert ranked["logprob"].spearman == pytest.approx(1.0)
    assert "round_trip" not in ranked
    assert ranked["copied"].n_marked == 0
