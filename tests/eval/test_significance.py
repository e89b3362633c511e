"""Intervals and paired tests equal sacreBLEU's, number by number."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
import sacrebleu
from sacrebleu.significance import PairedTest as SacrePairedTest

from dragoman.errors import MismatchError
from dragoman.eval import significance
from dragoman.eval.comparison import PairedResult
from dragoman.eval.metrics import SacreMetric, mean_statistics
from dragoman.eval.significance import PairedTest, bootstrap_counts, interval, significance_groups

N = 40


def _systems() -> tuple[list[str], list[tuple[str, Sequence[str]]]]:
    draw = random.Random(3)
    vocabulary = [f"w{i}" for i in range(60)]
    refs = [draw.choices(vocabulary, k=draw.randint(4, 20)) for _ in range(N)]

    def noisy(rate: float) -> list[str]:
        return [" ".join(draw.choice(vocabulary) if draw.random() < rate else w for w in ref) for ref in refs]

    return [" ".join(ref) for ref in refs], [
        (name, noisy(r)) for name, r in (("a", 0.3), ("b", 0.33), ("c", 0.6))
    ]


@pytest.mark.parametrize("kind", ["bs", "ar"])
def test_paired_tests_equal_sacrebleus(kind: str) -> None:
    refs, systems = _systems()
    theirs = {
        "BLEU": sacrebleu.BLEU(references=[refs]),
        "CHRF": sacrebleu.CHRF(word_order=2, references=[refs]),
        "TER": sacrebleu.TER(references=[refs]),
    }
    signatures, expected = SacrePairedTest(systems, theirs, None, kind, n_samples=300)()
    test = PairedTest(kind, N, 300)
    for name in ("bleu", "chrf++", "ter"):
        metric = SacreMetric(name, [refs])
        measured = [metric.measure(hyps) for _, hyps in systems]
        for index, statistics in enumerate(measured):
            result = expected[statistics.name][index]
            assert not isinstance(result, str)
            assert statistics.corpus == result.score
            if index:
                assert test.p_value(measured[0], statistics) == result.p_value
            if kind == "bs":
                found = test.interval(statistics)
                assert result.mean is not None and result.ci is not None
                assert found.mean == pytest.approx(
                    float(result.mean), abs=1e-4
                )  # they average in single precision
                assert found.half_width == pytest.approx(float(result.ci), abs=1e-6)
                signed = statistics.signed(**test.signature_options())
                assert signed.signature == signatures[statistics.name].format()


def test_resamples_do_not_depend_on_how_they_are_cut_for_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bootstrap_counts(50, 40, seed=1)
    monkeypatch.setattr(significance, "_CHUNK", 130)
    assert np.array_equal(bootstrap_counts(50, 40, seed=1), whole)
    assert (whole.sum(axis=1) == 50).all()


def test_another_seed_gives_other_resamples() -> None:
    assert not np.array_equal(bootstrap_counts(50, 5, seed=1), bootstrap_counts(50, 5, seed=2))


def test_the_interval_is_half_the_central_95_percent() -> None:
    found = interval(np.arange(1000, dtype=np.float64), seed=1)
    assert (found.mean, found.half_width, found.n_samples) == (499.5, 0.5 * (974 - 25), 1000)


def test_a_system_against_its_copy_is_not_called_different() -> None:
    refs, systems = _systems()
    metric = SacreMetric("bleu", [refs])
    first, copy = metric.measure(systems[0][1]), metric.measure(list(systems[0][1]))
    p_value = PairedTest("bs", N, 99).p_value(first, copy)
    assert p_value == 0.01  # sacreBLEU's, for no difference at all
    assert not PairedResult("BLEU", copy.corpus - first.corpus, p_value).is_significant


def test_different_metrics_are_not_tested_against_each_other() -> None:
    with pytest.raises(MismatchError, match="not the same metric"):
        PairedTest("bs", 3, 10).p_value(
            mean_statistics("A", [1, 2, 3], "s"), mean_statistics("B", [1, 2, 3], "s")
        )


def test_systems_that_no_test_tells_apart_share_a_group() -> None:
    p = [[0.0, 0.4, 0.01], [0.4, 0.0, 0.2], [0.01, 0.2, 0.0]]
    # c differs from a, but not from b, so that it stays in their group; d differs from all
    assert significance_groups(p, [0, 1, 2]) == [1, 1, 1]
    p[1][2] = p[2][1] = 0.01
    assert significance_groups(p, [0, 1, 2]) == [1, 1, 2]
