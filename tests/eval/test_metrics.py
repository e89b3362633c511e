"""sacreBLEU's figures through summed statistics."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import sacrebleu

from dragoman.errors import InputError, MismatchError
from dragoman.eval import metrics
from dragoman.eval.metrics import METRICS, SacreMetric, mean_statistics
from dragoman.eval.results import Coverage, Mode, Share

HYPS = ["The dog bit the man.", "It was not unexpected.", "The man bit him first.", "", "Yes"]
REFS = [
    ["The dog bit the man.", "It was not unexpected.", "The man bit him first.", "Nothing here", "Yes"],
    ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog.", "None", "Yes."],
]
COVERAGE = Coverage(1, Share(1, 1), (Share(1, 1),))


def _random_texts(n: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    vocabulary = ["the", "a", "cat", "dog", "sat", "on", "in", "mat", ".", ",", "12", "London", "it's"]
    return [" ".join(draw.choices(vocabulary, k=draw.randint(0, 25))) for _ in range(n)]


@pytest.mark.parametrize("name", METRICS)
def test_corpus_scores_are_those_of_sacrebleu(name: str) -> None:
    measured = SacreMetric(name, REFS).measure(HYPS)
    theirs = {
        "bleu": sacrebleu.BLEU(),
        "chrf": sacrebleu.CHRF(),
        "chrf++": sacrebleu.CHRF(word_order=2),
        "ter": sacrebleu.TER(),
    }
    assert measured.corpus == theirs[name].corpus_score(HYPS, REFS).score


def test_the_example_of_the_sacrebleu_manual_gives_the_printed_score() -> None:
    # README of sacreBLEU 2.x: three segments, two references, BLEU 48.53.
    refs = [
        ["The dog bit the man.", "It was not unexpected.", "The man bit him first."],
        ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."],
    ]
    hyps = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
    assert round(SacreMetric("bleu", refs).measure(hyps).corpus, 2) == 48.53


@pytest.mark.parametrize("name", METRICS)
def test_the_vectorised_formula_equals_sacrebleus_on_any_part(name: str) -> None:
    hyps, refs = _random_texts(15, 1), [_random_texts(15, 2), _random_texts(15, 3)]
    metric = SacreMetric(name, refs)
    measured = metric.measure(hyps)
    draw = random.Random(4)
    for _ in range(10):
        part = draw.choices(range(15), k=draw.randint(1, 12))
        sums = measured.values[part].sum(axis=0)
        # BLEU's formula changes the list it is given
        expected = metric._metric._compute_score_from_stats([*sums.tolist()]).score
        assert measured.formula(sums[None, :])[0] == pytest.approx(expected, abs=1e-9)
        assert measured.part_score(part) == pytest.approx(expected, abs=1e-9)


def test_single_precision_sums_give_sacrebleus_single_precision_scores() -> None:
    hyps, refs = _random_texts(30, 5), [_random_texts(30, 6)]
    for name in METRICS:
        metric = SacreMetric(name, refs)
        measured = metric.measure(hyps)
        sums = measured.values.sum(axis=0).astype(np.float32)
        expected = metric._metric._compute_score_from_stats(sums.copy()).score
        assert float(measured.formula(sums[None, :])[0]) == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize("name", METRICS)
def test_unit_scores_are_sacrebleus_sentence_scores(name: str) -> None:
    measured = SacreMetric(name, REFS).measure(HYPS)
    bleu = sacrebleu.BLEU(effective_order=True)
    chrf, chrf_words, ter = sacrebleu.CHRF(), sacrebleu.CHRF(word_order=2), sacrebleu.TER()
    metric = {"bleu": bleu, "chrf": chrf, "chrf++": chrf_words, "ter": ter}[name]
    for i, hyp in enumerate(HYPS):
        expected = metric.sentence_score(hyp, [stream[i] for stream in REFS]).score
        assert measured.unit_scores()[i] == pytest.approx(expected, abs=1e-9)


def test_too_few_hypotheses_are_refused_and_not_cut_to_fit() -> None:
    # sacreBLEU's own API scores 3 hypotheses against 1 reference as 100.
    with pytest.raises(MismatchError, match="3 hypotheses against 1 references"):
        SacreMetric("bleu", [["a b c d"]]).measure(["a b c d", "x", "y"])


def test_references_of_different_lengths_are_refused() -> None:
    with pytest.raises(MismatchError, match="different lengths"):
        SacreMetric("bleu", [["a", "b"], ["a"]])


def test_a_missing_reference_is_named_in_the_signature() -> None:
    measured = SacreMetric("bleu", [["a b c d e", "f g h i"], ["a b c d", None]]).measure(
        ["a b c d", "f g h i"]
    )
    assert "nrefs:var" in measured.signature


def test_lower_casing_is_named_in_the_signature() -> None:
    refs: Sequence[Sequence[str]] = [["A B C D"]]
    assert SacreMetric("bleu", refs, lowercase=True).measure(["a b c d"]).corpus == pytest.approx(100)
    assert "case:lc" in SacreMetric("bleu", refs, lowercase=True).measure(["a b c d"]).signature
    assert "case:mixed" in SacreMetric("bleu", refs).measure(["a b c d"]).signature


def test_resampling_is_named_after_the_number_of_references() -> None:
    measured = SacreMetric("ter", REFS).measure(HYPS).signed(bs=1000, seed=7)
    assert measured.signature.startswith("nrefs:2|bs:1000|seed:7|case:lc")


def test_unknown_metrics_and_tokenisers_are_refused_by_name() -> None:
    with pytest.raises(InputError, match="unknown metric 'meteor'"):
        SacreMetric("meteor", REFS)
    with pytest.raises(InputError, match="unknown tokeniser 'moses'"):
        SacreMetric("bleu", REFS, tokenize="moses")


def test_no_tokeniser_model_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SACREBLEU", str(tmp_path))
    with pytest.raises(InputError, match="nothing is downloaded"):
        SacreMetric("bleu", REFS, tokenize="flores200")


def test_a_foreign_metric_is_the_mean_of_its_segments() -> None:
    measured = mean_statistics("COMET", [0.5, 0.75, 1.0], "file:x")
    assert measured.corpus == 0.75
    assert measured.part_score([0, 1]) == 0.625
    assert measured.score(Mode.SEGMENT, COVERAGE).signature == "file:x"


def test_measuring_on_several_cores_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    metric = SacreMetric("ter", REFS)
    systems = [HYPS, HYPS[::-1]]
    alone = [metric.measure(hyps) for hyps in systems]
    monkeypatch.setattr(metrics, "_WORTH_PROCESSES", 1)
    together = metric.measure_all(systems)
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.values, other.values)
        assert (one.corpus, one.signature) == (other.corpus, other.signature)
    with pytest.raises(MismatchError, match="1 hypotheses against 5 references"):
        metric.measure_all([HYPS, ["one"]])
