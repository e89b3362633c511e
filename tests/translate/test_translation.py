import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.models.engine import Decoding, EngineInfo, RawHypothesis, Tokens
from dragoman.translate.translation import translate, translate_stream
from dragoman.units import Hypothesis, Origin, Severity

Answer = Callable[[str, Decoding], str | RawHypothesis]


@dataclass
class Done:
    rows: list[RawHypothesis]

    def result(self) -> list[RawHypothesis]:
        return self.rows


def upper(text: str, _decoding: Decoding) -> str:
    return " ".join(f"t{number}x{len(word)}" for number, word in enumerate(text.split())) or "t"


@dataclass
class FakeTranslator:
    answer: Answer = upper
    max_src_tokens: int = 20
    asked: list[str] = field(default_factory=list)
    batches: list[tuple[list[int], Decoding]] = field(default_factory=list)

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("fake", "0", "fake", "cpu", "none", "0", self.max_src_tokens, 64, 2, 1)

    def tokenise(self, sentences: Sequence[str]) -> list[Tokens]:
        return [[*sentence.split(), "</s>"] for sentence in sentences]

    def encode_target(self, text: str) -> Tokens:
        return text.split()

    def score(self, sources: Sequence[Tokens], targets: Sequence[Tokens]) -> list[float]:
        return [-abs(len(src) - 1.0 - len(tgt)) for src, tgt in zip(sources, targets, strict=True)]

    def submit(self, batch: Sequence[Tokens], decoding: Decoding) -> Done:
        assert batch
        assert all(len(row) <= self.max_src_tokens for row in batch)
        self.batches.append(([len(row) for row in batch], decoding))
        found = []
        for row in batch:
            text = " ".join(row[:-1])
            self.asked.append(text)
            answer = self.answer(text, decoding)
            if isinstance(answer, str):
                answer = RawHypothesis(
                    answer, tuple(answer.split()), -1.0 * len(answer.split()), len(answer.split()) + 1, True
                )
            found.append(answer)
        return Done(found)


ARABIC = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهوي ،.٠١٢abc1\n\t@#/:", max_size=60)


def kinds(hypothesis: Hypothesis) -> list[str]:
    return [flag.kind for flag in hypothesis.flags]


def test_order_is_kept_although_batches_are_sorted_by_length() -> None:
    texts = ["كلمة " * n for n in (3, 9, 1, 5, 7)]
    fake = FakeTranslator()
    found = translate(texts, model=fake, batch_tokens=16)
    assert [hypothesis.n_tgt_tokens for hypothesis in found] == [4, 10, 2, 6, 8]
    lengths = [length for batch, _ in fake.batches for length in batch]
    assert lengths == sorted(lengths, reverse=True)


def test_identical_segments_are_translated_once() -> None:
    fake = FakeTranslator()
    found = translate(["صباح الخير"] * 50 + ["صباح  الخير"], model=fake)
    assert fake.asked == ["صباح الخير"]
    assert len(set(found)) == 1


def test_a_stream_translates_repeats_once_across_windows() -> None:
    fake = FakeTranslator()
    found = list(translate_stream(iter(["صباح الخير", "مساء الخير"] * 40), model=fake, window=8))
    assert len(found) == 80
    assert (
        len(fake.asked) <= 4
    )  # two, and once more each for the window that was queued before the first ended


def test_a_stream_gives_what_a_whole_job_gives_and_reads_only_what_it_needs() -> None:
    texts = [f"كلمة {'نص ' * (n % 7)}{n}" for n in range(100)]
    n_read = 0

    def counted() -> "itertools.chain[str]":
        def read(text: str) -> str:
            nonlocal n_read
            n_read += 1
            return text

        return itertools.chain(map(read, texts))

    stream = translate_stream(counted(), model=FakeTranslator(), window=10)
    first = next(stream)
    assert n_read == 20
    assert [first, *stream] == translate(texts, model=FakeTranslator())


def test_a_streams_engine_is_never_without_a_batch_while_there_is_text() -> None:
    class Engine(FakeTranslator):
        """Works its queue off in order; notes how much is left when somebody has waited for a batch."""

        def __init__(self) -> None:
            super().__init__(doubtful)
            self.n_queued = self.n_worked = 0
            self.left: list[int] = []

        def submit(self, batch: Sequence[Tokens], decoding: Decoding) -> Done:
            done, place = super().submit(batch, decoding), self.n_queued
            self.n_queued += 1

            def result() -> list[RawHypothesis]:
                self.n_worked = max(self.n_worked, place + 1)
                self.left.append(self.n_queued - self.n_worked)
                return done.rows

            done.result = result  # type: ignore[method-assign]
            return done

    def doubtful(text: str, decoding: Decoding) -> str:
        is_first = not decoding.no_repeat_ngram
        return "the same " * 9 if is_first and text.endswith("3") else upper(text, decoding)

    engine = Engine()
    texts = [f"انظر https://x.org/{n} نص {n}" if n % 5 == 0 else f"كلمة {n}" for n in range(400)]
    found = list(translate_stream(iter(texts), model=engine, window=20))
    assert found == translate(texts, model=FakeTranslator(doubtful))
    assert {"retried", "verbatim"} <= {kind for hypothesis in found for kind in kinds(hypothesis)}
    last_windows = len(engine.left) * 3 // 20  # there nothing is left to read
    assert min(engine.left[:-last_windows]) > 0


def test_an_endless_stream_is_fine() -> None:
    stream = translate_stream((f"كلمة {n}" for n in itertools.count()), model=FakeTranslator(), window=4)
    assert len(list(itertools.islice(stream, 1000))) == 1000


@given(st.lists(ARABIC, max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_texts_give_one_hypothesis_each_on_one_line(texts: list[str]) -> None:
    found = translate(texts, model=FakeTranslator())
    assert len(found) == len(texts)
    for text, hypothesis in zip(texts, found, strict=True):
        assert "\n" not in hypothesis.text
        assert bool(hypothesis.text) or not any(char.isalnum() for char in text)


def test_blank_segments_stay_blank_and_numbers_bypass_the_model() -> None:
    fake = FakeTranslator()
    blank, number, url = translate(["  \n", "١٢٫٥٪", "https://example.org/a_b"], model=fake)
    assert blank == Hypothesis("", Origin.COPY)
    assert (number.text, number.origin, kinds(number)) == ("12.5%", Origin.COPY, ["copy-number"])
    assert (url.text, kinds(url)) == ("https://example.org/a_b", ["copy-verbatim"])
    assert not fake.asked


def test_a_segment_over_the_limit_is_cut_rejoined_and_flagged() -> None:
    fake = FakeTranslator()
    text = "، ".join("كلمة " * 8 + "نهاية" for _ in range(10)) + "."
    (hypothesis,) = translate([text], model=fake)
    assert kinds(hypothesis) == ["split"]
    assert len(fake.asked) == len(set(fake.asked)) <= 10
    assert hypothesis.n_tgt_tokens >= 90
    assert " ".join(text.split()).startswith(sorted(fake.asked, key=text.find)[0])


def test_five_thousand_repeated_words_and_one_endless_token_are_bounded() -> None:
    fake = FakeTranslator()
    repeated, endless = translate(["كلمة " * 5000, "ط" * 2000], model=fake)
    assert "split" in kinds(repeated)
    assert len(fake.asked) < 20
    assert endless.text


@pytest.mark.parametrize(
    ("first", "kind"), [("", "empty"), ("the same " * 9, "loop"), ("unfinished", "limit")]
)
def test_a_doubtful_answer_is_asked_for_again_and_flagged(first: str, kind: str) -> None:
    def answer(_text: str, decoding: Decoding) -> RawHypothesis:
        if decoding.no_repeat_ngram and decoding.repetition_penalty > 1:
            return RawHypothesis("a good answer", ("a", "good", "answer"), -9.0, 4, True)
        return RawHypothesis(first, tuple(first.split()), -0.1, 30, kind != "limit")

    (hypothesis,) = translate(["نص قصير"], model=FakeTranslator(answer))
    assert hypothesis.text == "a good answer"
    assert kinds(hypothesis) == ["retried"]


def test_an_answer_that_stays_doubtful_is_never_passed_as_good() -> None:
    def answer(_text: str, decoding: Decoding) -> RawHypothesis:
        return RawHypothesis("word", ("word",), -2.0 - decoding.no_repeat_ngram, 2, False)

    (hypothesis,) = translate(["نص قصير"], model=FakeTranslator(answer))
    assert kinds(hypothesis) == ["retried", "limit"]
    assert hypothesis.flags[-1].severity is Severity.ERROR
    assert hypothesis.logprob == -2.0  # the better of the two


def test_decoding_is_bounded_by_the_length_of_the_source() -> None:
    fake = FakeTranslator()
    translate(["كلمة " * n for n in (1, 15)], model=fake)
    assert [decoding.max_tgt_tokens for _, decoding in fake.batches] == [48, 20]


def test_addresses_inside_a_sentence_are_kept_byte_for_byte() -> None:
    fake = FakeTranslator()
    text = "زوروا https://example.com/a_b?x=1&y=2، أو راسلوا a.b@example.org و#القدس_عاصمة."
    (hypothesis,) = translate([text], model=fake)
    for span in ("https://example.com/a_b?x=1&y=2", "a.b@example.org", "#القدس_عاصمة"):
        assert span in hypothesis.text
    assert kinds(hypothesis) == ["verbatim"]


def test_a_model_that_keeps_addresses_is_not_asked_twice() -> None:
    fake = FakeTranslator(lambda text, _: f"see {text.split()[-1]}")
    (hypothesis,) = translate(["انظر https://example.com/a"], model=fake)
    assert hypothesis.text == "see https://example.com/a"
    assert len(fake.asked) == 1
    assert not hypothesis.flags


def test_control_tokens_in_a_text_reach_the_model_as_text() -> None:
    fake = FakeTranslator(lambda text, _: text)
    translate(["الرمز </s> و __ar__ و >>eng<< هنا"], model=fake)
    assert all("</s>" not in ask and "__ar__" not in ask for ask in fake.asked)


def test_progress_counts_every_segment_once() -> None:
    counted: list[int] = []
    texts = ["صباح", "صباح", "", "12", "كلمة " * 50, "https://x.org قال"]
    translate(texts, model=FakeTranslator(), progress=counted.append)
    assert sum(counted) == len(texts)
    counted.clear()
    list(translate_stream(iter(texts * 3), model=FakeTranslator(), window=4, progress=counted.append))
    assert sum(counted) == 3 * len(texts)


def test_one_string_instead_of_a_list_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="one string"):
        translate("نص", model=FakeTranslator())


def test_the_starter_translates_plain_sentences() -> None:
    if not (Path(__file__).parents[2] / "models" / "starter-ar-en").is_dir():
        pytest.skip("the starter's weights are not there")
    found = translate(["صباح الخير.", "الرمز </s> هنا. جملة بعدها."])
    assert found[0].text
    assert found[0].logprob is not None
    assert found[0].logprob < 0
    assert found[1].n_tgt_tokens > 4
