import subprocess
import sys
from pathlib import Path

import pytest

from dragoman.errors import ModelError
from dragoman.models.catalog import ModelFolder, resolve
from dragoman.models.engine import Decoding, load, translate_tokens

SENTENCES = [
    "صباح الخير.",
    "وصل الوزير إلى القاهرة يوم الاثنين.",
    "قالت الشركة إن أرباحها ارتفعت في العام الماضي.",
]


def test_both_back_ends_give_the_same_greedy_output_and_log_probability(starter: ModelFolder) -> None:
    decoding = Decoding(beam=1, max_tgt_tokens=40)
    ours = translate_tokens(load(starter, backend="ctranslate2", compute_type="float32"), SENTENCES, decoding)
    theirs = translate_tokens(load(starter, backend="transformers", device="cpu"), SENTENCES, decoding)
    assert [row.text for row in ours] == [row.text for row in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert a.logprob == pytest.approx(b.logprob, abs=0.02)
        assert (a.n_tokens, a.is_finished) == (b.n_tokens, b.is_finished)


def test_a_beam_never_finds_a_less_probable_sentence_than_greedy_search_here(starter: ModelFolder) -> None:
    translator = load(starter, compute_type="float32")
    greedy = translate_tokens(translator, SENTENCES, Decoding(beam=1, length_penalty=0.0))
    beam = translate_tokens(translator, SENTENCES, Decoding(beam=4, length_penalty=0.0))
    assert all(b.logprob >= a.logprob - 1e-3 for a, b in zip(greedy, beam, strict=True))


@pytest.mark.parametrize("family", ["nllb", "m2m_100", "mbart"])
@pytest.mark.usefixtures("empty_cache")
def test_both_back_ends_agree_on_every_family(family: str, tiny_models: dict[str, Path]) -> None:
    folder = resolve(tiny_models[family])
    assert folder.layout.family == family
    decoding = Decoding(beam=1, max_tgt_tokens=10)
    both = (
        load(folder, backend="ctranslate2", compute_type="float32"),
        load(folder, backend="transformers", device="cpu"),
    )
    ours, theirs = (translate_tokens(one, SENTENCES, decoding) for one in both)
    assert [row.tokens for row in ours] == [row.tokens for row in theirs]
    assert [row.logprob for row in ours] == pytest.approx([row.logprob for row in theirs], abs=0.05)
    scores = [
        one.score(one.tokenise(SENTENCES), [one.encode_target(text) for text in SENTENCES]) for one in both
    ]
    assert scores[0] == pytest.approx(scores[1], abs=0.02)


@pytest.mark.parametrize("family", ["nllb", "m2m_100", "mbart"])
def test_our_tokens_are_those_of_transformers(family: str, tiny_models: dict[str, Path]) -> None:
    import transformers

    from dragoman.models.tokenisation import load_tokeniser

    folder = resolve(tiny_models[family])
    theirs = transformers.AutoTokenizer.from_pretrained(str(folder.path))
    for sentence, tokens in zip(
        SENTENCES, load_tokeniser(folder.path, folder.layout).encode(SENTENCES), strict=True
    ):
        assert tokens == theirs.convert_ids_to_tokens(theirs(sentence).input_ids)


def test_the_tokens_of_marian_are_those_of_transformers(starter: ModelFolder) -> None:
    import transformers

    theirs = transformers.AutoTokenizer.from_pretrained(str(starter.path))
    ours = load(starter).tokenise(SENTENCES)
    assert ours == [theirs.convert_ids_to_tokens(theirs(sentence).input_ids) for sentence in SENTENCES]


@pytest.mark.parametrize("backend", ["ctranslate2", "transformers"])
def test_an_input_longer_than_the_model_is_refused_and_never_cut(backend: str, starter: ModelFolder) -> None:
    translator = load(starter, backend=backend, device="cpu")
    with pytest.raises(ValueError, match="positions"):
        translator.submit([["▁و"] * 300 + ["</s>"]], Decoding())


def test_an_answer_that_hits_the_limit_says_so(starter: ModelFolder) -> None:
    for backend in ("ctranslate2", "transformers"):
        translator = load(starter, backend=backend, device="cpu", compute_type="float32")
        (row,) = translate_tokens(translator, SENTENCES[2:], Decoding(beam=1, max_tgt_tokens=3))
        assert not row.is_finished
        assert len(row.tokens) in (3, 4)


def test_no_torch_and_no_transformers_are_imported_at_run_time(starter: ModelFolder) -> None:
    load(starter)  # converts
    code = (
        "import sys; from dragoman import translate;"
        "print(translate(['صباح الخير.'])[0].text);"
        "bad = {'torch', 'transformers', 'matplotlib', 'scipy', 'huggingface_hub', 'pandas'} & set(sys.modules);"
        "sys.exit(f'imported: {bad}' if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert not done.stderr


def test_unknown_back_ends_devices_and_compute_types_are_refused(starter: ModelFolder) -> None:
    with pytest.raises(ModelError, match="back end"):
        load(starter, backend="marian")
    with pytest.raises(ModelError, match="device"):
        load(starter, device="tpu")
    with pytest.raises(ModelError, match="quantisation"):
        load(starter, compute_type="int3")
    with pytest.raises(ModelError, match="compute type"):
        load(starter, backend="transformers", compute_type="int8")


def test_a_model_translates_only_its_own_languages(starter: ModelFolder) -> None:
    with pytest.raises(ModelError, match="ar to en, not en to ar"):
        load(starter, src_lang="en", tgt_lang="ar")
