import json
import unicodedata
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import sentencepiece as spm
import torch

from dragoman.errors import FormatError, InputError, MismatchError
from dragoman.models.training.batches import IGNORED, collate, offsets, plan_epoch
from dragoman.models.training.card import write_card
from dragoman.models.training.checkpoint import load_state
from dragoman.models.training.config import Config, Shape, Source, Training, Vocabulary, read_config
from dragoman.models.training.decode import Decoder, Decoding
from dragoman.models.training.evaluate import evaluate
from dragoman.models.training.export import export
from dragoman.models.training.filters import (
    DuplicateFilter,
    LengthFilter,
    OverlapFilter,
    Pair,
    ScriptFilter,
    apply_filters,
)
from dragoman.models.training.lexinit import lexical_embeddings
from dragoman.models.training.normalize import normalize_arabic
from dragoman.models.training.packed import Meta, PackedPairs, load_meta
from dragoman.models.training.prepare import prepare
from dragoman.models.training.sources import read_pairs
from dragoman.models.training.train import Trainer, rate
from dragoman.models.training.translate_corpus import is_loop, synthetic_pairs
from dragoman.models.training.variation import SOURCE, Variation

CONFIGS = Path(__file__).parents[2] / "models" / "training"

WHO = {
    "القط": "the cat",
    "الكلب": "the dog",
    "المعلّم": "the teacher",
    "أحمد": "Ahmed",
    "الطبيبة": "the doctor",
}
DOES = {"رأى": "saw", "أكل": "ate", "باع": "sold", "وجد": "found", "نسي": "forgot"}
WHAT = {
    "التفاحة": "the apple",
    "الكتاب": "the book",
    "السمكة": "the fish",
    "المفتاح": "the key",
    "٣ كتب": "3 books",
}


def pair(ar: str = "ذهب الولد إلى المدرسة اليوم", en: str = "The boy went to school today") -> Pair:
    return Pair(ar, en, "s")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("corpus")
    lines = [
        f"{does} {who} {what} أمس.\t{WHO[who].capitalize()} {DOES[does]} {WHAT[what]} yesterday."
        for who, does, what in product(WHO, DOES, WHAT)
    ]
    (root / "toy.tsv").write_text("# topic\n" + "\n".join(lines[:-10]) + "\n\n", encoding="utf-8")
    (root / "dev.tsv").write_text("\n".join(lines[-10:]) + "\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def config() -> Config:
    return Config(
        name="toy-ar-en",
        src="ar",
        tgt="en",
        sources=(Source("toy", "toy.tsv", 1.0, "CC0-1.0"),),
        dev="dev.tsv",
        shape=Shape(d_model=32, ffn=64, heads=2, encoder_layers=2, decoder_layers=1, max_positions=64),
        vocabulary=Vocabulary(90, 70),
        training=Training(
            batch_tokens=200,
            lr=5e-3,
            warmup=4,
            steps=30,
            dropout=0.1,
            ema=0.9,
            eval_every=10,
            save_every=1000,
        ),
    )


@pytest.fixture(scope="module")
def data(corpus: Path, config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data")
    prepare(config, [corpus], [], out, variants=2)
    return out


@pytest.fixture(scope="module")
def run(config: Config, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    Trainer(config, data, folder, None, "cpu").train()
    return folder


@pytest.fixture(scope="module")
def model(config: Config, data: Path, run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    export(config, data, run, out)
    return out


def test_the_length_filter_judges_the_ratio_only_of_pairs_with_more_than_four_words() -> None:
    keeps = LengthFilter(max_words=20, min_ratio=0.5, max_ratio=3)
    assert keeps(pair())
    assert keeps(pair("نعم", "Yes, that is what I said"))
    assert not keeps(pair(en="Yes"))
    assert not keeps(pair(en="word " * 21))
    assert not keeps(pair("،", "Yes"))


def test_the_script_filter_refuses_sides_in_the_other_language() -> None:
    keeps = ScriptFilter(0.3)
    assert keeps(pair())
    assert not keeps(pair(ar="The boy went to school"))
    assert not keeps(pair(en="ذهب الولد"))
    assert not keeps(pair(en="1234 5678"))


def test_the_duplicate_filter_sees_through_vowels_case_and_punctuation() -> None:
    keeps = DuplicateFilter()
    assert keeps(pair("ذهبَ الولدُ", "The boy went."))
    assert not keeps(pair("ذهب الولد", "the boy went"))
    assert keeps(pair("ذهب الولد", "The lad went"))


def test_the_overlap_filter_refuses_near_copies_of_test_sentences_on_either_side() -> None:
    test_set = ["The boy went to school today with his friends", "مساء الخير"]
    keeps = OverlapFilter(test_set, n=4, share=0.5)
    assert not keeps(pair(en="the boy went to school today, with his friends!"))
    assert not keeps(pair(en="Then the boy went to school today with his mother"))
    assert keeps(pair(en="The boy went to the market and bought bread for his mother"))
    assert not keeps(pair("مساءُ الخير", "Good evening"))
    assert keeps(pair("مساء الخير يا صديقي", "Good evening, my friend"))


def test_refused_pairs_are_counted_by_source_and_filter() -> None:
    refused: Counter[str] = Counter()
    pairs = [pair(), pair(), pair(en="ذهب")]
    kept = list(apply_filters(pairs, {"script": ScriptFilter(0.3), "duplicate": DuplicateFilter()}, refused))
    assert kept == [pair()]
    assert refused == {"s script": 1, "s duplicate": 1}


def test_topics_blank_lines_and_further_columns_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("# topic\nنعم\tyes  indeed\tnote\n\nلا\tno\n", encoding="utf-8")
    source = Source("a", "*.tsv", names=True)
    assert list(read_pairs(source, (tmp_path,))) == [Pair("نعم", "Yes Indeed", "a"), Pair("لا", "No", "a")]


def test_a_source_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file matches"):
        list(read_pairs(Source("a", "*.tsv"), (tmp_path,)))


NAMES = [Pair("هيلين", "Helen", "n"), Pair("ميشيل", "Michelle", "n"), Pair("شتاينماير", "Steinmeier", "n")]


def test_varied_pairs_bear_the_same_new_name_and_figure_on_both_sides_and_the_rest_as_it_stood() -> None:
    old = pair(
        "وولدت هيلين لميشيل في 1987 ومعها 250 كتابا", "Helen was born to Michelle in 1987 with 250 books"
    )
    latin = {name.ar: name.en for name in NAMES}
    for new in Variation(NAMES, seed=1).vary([old], copies=20):
        words = new.ar.split()
        year, books = words[4], words[6]
        assert new.source == SOURCE
        assert new.en == (
            f"{latin[words[1]]} was born to {latin[words[2].removeprefix('ل')]} in {year} with {books} books"
        )
        assert 1837 <= int(year) < 2030 and 100 <= int(books) < 1000
        assert words[0] == "وولدت" and words[3] == "في" and words[5] == "ومعها" and words[7] == "كتابا"


def test_a_name_or_figure_that_stands_on_one_side_only_or_twice_is_left_as_it_is() -> None:
    variation = Variation(NAMES, seed=1)
    assert not list(
        variation.vary([pair("قالت هيلين", "She said"), pair("لديه 20 كتابا", "He has twenty")], 3)
    )
    assert not list(
        variation.vary([pair("بين 15 و 15", "Between 15 and 15"), pair("ثمنه 3.50", "It is 3.50")], 3)
    )


def inside(data: Path, text: str) -> list[str]:
    """The words of `text` as the piece model's own table leaves them."""
    normalizer = spm.SentencePieceNormalizer(model_file=str(data / "source.spm"))
    normalized: str = normalizer.normalize(text)
    return normalized.replace("\N{LOWER ONE EIGHTH BLOCK}", " ").split()


@pytest.mark.parametrize(
    "text",
    [
        "أُحِبُّ الْعَرَبِيَّةَ",
        "إلى آخر ٱلكتاب، على مدى ٣٫٥٪ و۱۲۳",
        "كتـــاب\u200f جديد\u202b",
        "ﻻ ﷲ ﺑﺎب",
        "ا\u0654مر و\u0653",
        "plain English, 12 %",
    ],
)
def test_the_normalisation_inside_the_piece_model_is_the_reference_function(data: Path, text: str) -> None:
    assert inside(data, text) == normalize_arabic(text).split()


def test_every_arabic_character_is_normalised_alike_inside_and_outside(data: Path) -> None:
    codes = [*range(0x0600, 0x0700), *range(0xFE70, 0xFF00), *range(0x00A1, 0x0180)]
    # Combining marks compose with their neighbours; they have their own examples above.
    chars = [
        chr(c) for c in codes if not unicodedata.combining(chr(c)) and unicodedata.category(chr(c)) != "Cn"
    ]
    text = " ".join(f"x{char}x" for char in chars)
    assert inside(data, text) == normalize_arabic(text).split()


def test_packed_pairs_come_back_as_they_were(tmp_path: Path) -> None:
    packed = PackedPairs.from_lists([[1, 2], [3]], [[4], [5, 6]], ["b", "a"])
    packed.save(tmp_path / "p.npz")
    loaded = PackedPairs.load(tmp_path / "p.npz")
    assert loaded.names == ("a", "b")
    assert loaded.src.tolist() == [1, 2, 3]
    assert loaded.tgt_len.tolist() == [1, 2]
    assert loaded.source.tolist() == [1, 0]


def test_an_epoch_draws_every_set_by_its_weight_and_repeats_itself() -> None:
    packed = PackedPairs.from_lists([[1] * 5] * 400, [[1] * 4] * 400, ["a"] * 200 + ["b"] * 200)
    plan = plan_epoch(packed, {"a": 2.0, "b": 0.25}, 60, 50, seed=1, epoch=0)
    again = plan_epoch(packed, {"a": 2.0, "b": 0.25}, 60, 50, seed=1, epoch=0)
    other = plan_epoch(packed, {"a": 2.0, "b": 0.25}, 60, 50, seed=1, epoch=1)
    drawn = Counter(int(number) for batch in plan for number in batch)
    assert all(drawn[number] == 2 for number in range(200))
    assert 30 <= sum(drawn[number] for number in range(200, 400)) <= 70
    assert all(len(batch) <= 10 for batch in plan)
    assert [batch.tolist() for batch in plan] == [batch.tolist() for batch in again]
    assert [batch.tolist() for batch in plan] != [batch.tolist() for batch in other]


def test_a_batch_is_shifted_and_padded_as_marian_expects() -> None:
    packed = PackedPairs.from_lists([[5, 6], [7]], [[8], [9, 4]], ["a", "a"])
    meta = Meta(n_vocab=12, n_tgt=10, src="ar", tgt="en")
    batch = collate(packed, np.array([0, 1]), meta, offsets(packed.src_len), offsets(packed.tgt_len))
    assert batch.src.tolist() == [[5, 6, 0], [7, 0, 11]]
    assert batch.decoder_in.tolist() == [[11, 8, 11], [11, 9, 4]]
    assert batch.labels.tolist() == [[8, 0, IGNORED], [9, 4, 0]]


def test_target_pieces_come_first_in_the_vocabulary(data: Path) -> None:
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))
    meta = load_meta(data)
    target = spm.SentencePieceProcessor(model_file=str(data / "target.spm"))
    assert max(vocabulary[target.id_to_piece(i)] for i in range(target.get_piece_size())) == meta.n_tgt - 1
    assert vocabulary["</s>"] == meta.eos == 0
    assert vocabulary["<pad>"] == meta.pad == meta.n_vocab - 1


def test_prepare_keeps_dev_text_out_and_samples_other_segmentations(data: Path) -> None:
    report = json.loads((data / "report.json").read_text(encoding="utf-8"))
    assert report["toy"] == {
        "read": 115,
        "kept": report["toy"]["kept"],
        "overlap": 115 - report["toy"]["kept"],
    } or (report["toy"] == {"read": 115, "kept": 115})
    best, sampled = (PackedPairs.load(data / f"train-{number}.npz") for number in (0, 1))
    assert best.src.tolist() != sampled.src.tolist()
    assert best.tgt.tolist() == sampled.tgt.tolist()


def test_lexical_embeddings_bring_translations_together(data: Path, config: Config) -> None:
    meta = load_meta(data)
    embeddings = lexical_embeddings(PackedPairs.load(data / "train-0.npz"), config, meta.n_vocab, 16)
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))
    assert embeddings.shape == (meta.n_vocab, 16)
    assert not embeddings[meta.pad].any()
    assert len(vocabulary) == meta.n_vocab


def test_the_learning_rate_warms_up_holds_and_falls_to_nothing() -> None:
    settings = Training(warmup=10, decay_share=0.5)
    assert rate(settings, 0, 0.0) == pytest.approx(0.1)
    assert rate(settings, 50, 0.4) == 1.0
    assert rate(settings, 90, 0.9) == pytest.approx(0.2)
    assert rate(settings, 100, 1.0) == 0.0


def test_training_lowers_the_dev_loss(run: Path, config: Config, data: Path, tmp_path: Path) -> None:
    trainer = Trainer(config, data, tmp_path, None, "cpu")
    untrained = trainer.dev_loss(trainer.average)
    assert load_state(run / "checkpoint.pt").progress.best_loss < untrained - 0.5


def test_a_resumed_run_equals_an_unbroken_one_to_the_bit(config: Config, data: Path, tmp_path: Path) -> None:
    Trainer(config, data, tmp_path / "whole", None, "cpu").train(max_steps=14)
    Trainer(config, data, tmp_path / "parts", None, "cpu").train(max_steps=6)
    Trainer(config, data, tmp_path / "parts", None, "cpu").train(max_steps=8)
    whole, parts = (load_state(tmp_path / name / "checkpoint.pt") for name in ("whole", "parts"))
    assert parts.progress.step == whole.progress.step == 14
    assert parts.progress.n_tokens == whole.progress.n_tokens
    assert all(torch.equal(whole.weights[name], parts.weights[name]) for name in whole.weights)
    assert all(torch.equal(whole.average[name], parts.average[name]) for name in whole.average)


def test_the_exported_model_loads_and_decodes_alike_in_both_libraries(model: Path) -> None:
    transformers = pytest.importorskip("transformers")
    hf = transformers.MarianMTModel.from_pretrained(model, dtype=torch.float32).eval()
    tokenizer = transformers.MarianTokenizer.from_pretrained(model)
    texts = ["رأى القط الكتاب أمس.", "باعت الطبيبةُ ٣ كتب"]
    decoder = Decoder(model, Decoding(beam=1, compute="float32"), threads=1)
    for text, expected in zip(texts, decoder.translate(texts), strict=True):
        inputs = tokenizer([text], return_tensors="pt")
        with torch.inference_mode():
            ids = hf.generate(**inputs, num_beams=1, do_sample=False, max_length=60)
        assert tokenizer.decode(ids[0], skip_special_tokens=True).strip() == expected.strip()


def test_the_export_is_half_precision_with_one_embedding_and_a_mask(model: Path, data: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    weights = safetensors.load_file(model / "model.safetensors")
    meta = load_meta(data)
    assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
    assert sum(tensor.shape == (meta.n_vocab, 32) for tensor in weights.values()) == 1
    bias = weights["final_logits_bias"][0]
    assert (bias[meta.n_tgt :] < -9000).all()
    assert bias[1] < -9000
    assert (bias[2 : meta.n_tgt] == 0).all()


def test_training_goes_on_from_an_exported_model(
    model: Path, run: Path, config: Config, data: Path, tmp_path: Path
) -> None:
    trainer = Trainer(config, data, tmp_path, model, "cpu")
    best = load_state(run / "checkpoint.pt").progress.best_loss
    assert trainer.dev_loss(trainer.average) == pytest.approx(best, abs=0.01)


def test_evaluate_scores_with_signatures_and_refuses_uneven_files(model: Path, tmp_path: Path) -> None:
    source, reference = tmp_path / "src", tmp_path / "ref"
    source.write_text("رأى القط الكتاب أمس.\nباع أحمد السمكة أمس.\n", encoding="utf-8")
    reference.write_text(
        "The cat saw the book yesterday.\nAhmed sold the fish yesterday.\n", encoding="utf-8"
    )
    scores, hypotheses = evaluate(model, source, reference, Decoding())
    assert len(hypotheses) == scores.n_segments == 2
    assert "tok:13a" in scores.bleu_signature
    assert "nw:2" in scores.chrf_signature
    reference.write_text("one line\n", encoding="utf-8")
    with pytest.raises(MismatchError):
        evaluate(model, source, reference, Decoding())


def test_loops_copies_and_empty_translations_make_no_synthetic_pairs() -> None:
    assert is_loop("very very very very good")
    assert is_loop("the end of the end of the end of the end of the")
    assert not is_loop("the end of the day and the end of the night")
    made = synthetic_pairs(["a", "b", "c"], ["نعم", "", "c"], "en")
    assert list(made) == [("نعم", "a")]


def test_the_card_names_every_source_and_score(config: Config) -> None:
    score = {
        "bleu": 12.3, "chrf": 40.0, "bleu_signature": "b", "chrf_signature": "c", "n_segments": 2,
        "decoding": {"compute": "int8", "beam": 4},
    }  # fmt: skip
    card = write_card(config, {"toy": {"kept": 7}}, {"flores-dev": score}, "a fact")
    assert card.startswith("---\nlanguage:\n- ar\n")
    assert "| toy | CC0-1.0 | 7 | 1 |" in card
    assert "| flores-dev | 2 | 12.30 | 40.00 |" in card
    assert "a fact" in card


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.name)
def test_the_configurations_in_the_repository_are_valid(path: Path) -> None:
    assert read_config(path).sources


def test_a_misspelt_setting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('name = "a"\nsrc = "ar"\ntgt = "en"\n[training]\nlearning_rate = 1\n', encoding="utf-8")
    with pytest.raises(FormatError, match="learning_rate"):
        read_config(path)
