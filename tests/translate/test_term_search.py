"""The search for glossary terms: the model decides, nothing is replaced."""

from collections.abc import Sequence

from dragoman.models.engine import RawHypothesis, Tokens
from dragoman.translate.glossary import Glossary, Term
from dragoman.translate.term_search import keep_terms
from dragoman.units import Hypothesis, Origin, Severity

GLOSSARY = Glossary((Term("المبعوث", ("envoy",)),))
SRC = "عاد المبعوث مساء."


class FakeTranslator:
    """Goes on with fixed words; likes a beginning by the place at which "envoy" stands in it."""

    def __init__(
        self,
        best_place: int,
        gain: float = 0.0,
        ending: str = "returned in the evening .",
        listed: Sequence[tuple[str, float]] = (),
    ) -> None:
        self.best_place = best_place
        self.listed = listed
        self.gain = gain
        self.ending = ending
        self.n_calls = 0

    def tokenise(self, sentences: Sequence[str]) -> list[Tokens]:
        return [sentence.split() for sentence in sentences]

    def encode_target(self, text: str) -> Tokens:
        return [f"\u2581{word}" for word in text.split()]

    def alternatives(self, source: Tokens, *, n: int, max_tgt_tokens: int) -> list[RawHypothesis]:
        del source, max_tgt_tokens
        found = [RawHypothesis(text, (), mean * 10, 10, is_finished=True) for text, mean in self.listed]
        return found[:n]

    def complete(
        self, source: Tokens, beginnings: Sequence[Tokens], *, beam: int, max_tgt_tokens: int
    ) -> list[RawHypothesis]:
        del source, beam, max_tgt_tokens  # a fake needs no search
        self.n_calls += 1
        found = []
        for tokens in beginnings:
            words = [token.removeprefix("\u2581") for token in tokens]
            place = next((i for i, word in enumerate(words) if word.casefold() == "envoy"), None)
            text = " ".join(words if place is None else [*words, *self.ending.split()]).replace(" .", ".")
            mean = -1.0 if place is None else -1.0 + self.gain - (place != self.best_place)
            found.append(RawHypothesis(text, tuple(tokens), mean * 10, 10, is_finished=True))
        return found


def test_the_most_probable_translation_with_the_term_is_taken_and_said_so() -> None:
    before = Hypothesis("The sender returned in the evening.", logprob=-9.0, n_tgt_tokens=9)
    (after,) = keep_terms([SRC], [before], GLOSSARY, FakeTranslator(best_place=1))
    assert after.text == "The envoy returned in the evening."
    assert [(flag.kind, flag.severity) for flag in after.flags] == [("glossary-search", Severity.INFO)]


def test_at_the_beginning_of_a_sentence_the_term_is_capitalised() -> None:
    before = Hypothesis("Sender returned.", logprob=-9.0, n_tgt_tokens=9)
    (after,) = keep_terms([SRC], [before], GLOSSARY, FakeTranslator(best_place=0))
    assert after.text == "Envoy returned in the evening."


def test_a_translation_that_the_model_finds_much_less_probable_is_not_taken() -> None:
    before = Hypothesis("The sender returned in the evening.", logprob=-9.0, n_tgt_tokens=9)
    assert keep_terms([SRC], [before], GLOSSARY, FakeTranslator(best_place=1, gain=-0.5)) == [before]
    (after,) = keep_terms([SRC], [before], GLOSSARY, FakeTranslator(best_place=1, gain=-0.5), max_loss=0.6)
    assert after != before


def test_a_translation_with_a_new_error_is_not_taken() -> None:
    before = Hypothesis("The sender returned in the evening.", logprob=-9.0, n_tgt_tokens=9)
    assert keep_terms([SRC], [before], GLOSSARY, FakeTranslator(1, ending="returned with 77 men .")) == [
        before
    ]
    looping = FakeTranslator(1, ending="and and and and and and and and .")
    assert keep_terms([SRC], [before], GLOSSARY, looping) == [before]


def test_what_has_its_terms_or_comes_from_a_person_is_left_alone() -> None:
    translator = FakeTranslator(1)
    right = Hypothesis("The envoy is back.")
    person = Hypothesis("The delegate is back.", origin=Origin.TM)
    assert keep_terms([SRC, SRC], [right, person], GLOSSARY, translator) == [right, person]
    assert translator.n_calls == 0


def test_an_engine_that_cannot_go_on_from_a_beginning_changes_nothing() -> None:
    before = Hypothesis("The sender is back.")
    assert keep_terms([SRC], [before], GLOSSARY, object()) == [before]


def test_a_next_best_translation_with_the_term_is_taken_before_anything_is_forced() -> None:
    before = Hypothesis("The sender returned in the evening.", logprob=-9.0, n_tgt_tokens=9)
    listed = [("The delegate is back.", -1.0), ("The envoy is back.", -1.1), ("Envoy back.", -1.2)]
    translator = FakeTranslator(best_place=1, listed=listed)
    (after,) = keep_terms([SRC], [before], GLOSSARY, translator)
    assert after.text == "The envoy is back."
    assert [flag.kind for flag in after.flags] == ["glossary-search"]
    assert translator.n_calls == 1  # for the score of the model's own translation
    (forced,) = keep_terms([SRC], [before], GLOSSARY, translator, n_best=0)
    assert forced.text == "The envoy returned in the evening."


def test_of_next_best_translations_the_one_with_most_terms_is_taken_and_the_rest_is_forced() -> None:
    glossary = Glossary((*GLOSSARY.terms, Term("مساء", ("at night",)), Term("عاد", ("returned",))))
    before = Hypothesis("The sender is back in the evening.", logprob=-9.0, n_tgt_tokens=9)
    listed = [("The sender is back at night.", -1.05), ("The sender returned at night.", -1.1)]
    translator = FakeTranslator(best_place=1, ending="returned at night .", listed=listed)
    (after,) = keep_terms([SRC], [before], glossary, translator)
    assert after.text == "The envoy returned at night."
    assert "المبعوث" in after.flags[0].message and "مساء" in after.flags[0].message


def test_a_next_best_translation_that_is_improbable_or_wrong_is_passed_over() -> None:
    before = Hypothesis("The sender returned in the evening.", logprob=-9.0, n_tgt_tokens=9)
    listed = [("The envoy is back with 77 men.", -1.0), ("Envoy back.", -2.0)]
    (after,) = keep_terms([SRC], [before], GLOSSARY, FakeTranslator(best_place=1, listed=listed))
    assert after.text == "The envoy returned in the evening."
