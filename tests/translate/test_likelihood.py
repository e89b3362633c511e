"""How probable a model finds a translation: against its own searches, between back ends, and beyond its length."""

import pytest

from dragoman.models.engine import Decoding, Translator, load, translate_tokens
from dragoman.translate.likelihood import pair_scorer

SRC = [
    "وصل وزير الخارجية إلى القاهرة يوم الأحد.",
    "أعلنت الحكومة زيادة الأجور بنسبة عشرة في المئة.",
    "نعم.",
    "تقع المدينة على ضفة النهر ويسكنها مئة ألف نسمة.",
]
TGT = [
    "The foreign minister arrived in Cairo on Sunday.",
    "The government announced a wage increase of ten per cent.",
    "Yes.",
    "The city lies on the bank of the river and has a hundred thousand inhabitants.",
]


@pytest.fixture(scope="module")
def exact() -> Translator:
    return load(backend="ctranslate2", compute_type="float32", device="cpu")


def test_a_translation_is_as_probable_as_the_search_that_found_it_says(exact: Translator) -> None:
    found = translate_tokens(exact, SRC, Decoding(beam=1, max_tgt_tokens=60))
    scores = pair_scorer(exact)([(src, hypothesis.text) for src, hypothesis in zip(SRC, found, strict=True)])
    for hypothesis, score in zip(found, scores, strict=True):
        assert hypothesis.is_finished
        assert score == pytest.approx(hypothesis.logprob / hypothesis.n_tokens, abs=0.02)


def test_back_ends_agree(exact: Translator) -> None:
    other = load(backend="transformers", device="cpu")
    pairs = [(src, tgt) for src in SRC for tgt in TGT] * 2  # more than a batch
    assert pair_scorer(other)(pairs) == pytest.approx(pair_scorer(exact)(pairs), abs=1e-3)


def test_a_translation_is_more_probable_than_those_of_other_sentences() -> None:
    score = pair_scorer()
    for src, right in zip(SRC, TGT, strict=True):
        scores = dict(zip(TGT, score([(src, tgt) for tgt in TGT]), strict=True))
        assert max(scores, key=lambda tgt: scores[tgt]) == right
        assert all(value <= 0 for value in scores.values())


def test_of_texts_beyond_the_models_length_the_beginnings_count(exact: Translator) -> None:
    score = pair_scorer(exact)
    whole, more = score([(" ".join(SRC * 40), " ".join(TGT * 40)), (" ".join(SRC * 80), " ".join(TGT * 80))])
    assert whole == pytest.approx(more, abs=1e-4)
    assert score([]) == []
