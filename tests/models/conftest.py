import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import sentencepiece

from dragoman.models.catalog import ModelFolder, resolve

STARTER = Path(__file__).parents[2] / "models" / "starter-ar-en"
TEXT = [
    "وصل الوزير إلى القاهرة يوم الاثنين وقال إن المدينة جميلة",
    "قالت الشركة إن أرباحها ارتفعت خلال العام الماضي",
    "the minister arrived in Cairo on Monday and said that the city is beautiful",
    "the company said that its profits rose during the past year",
]


@pytest.fixture(scope="session")
def starter_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def cache(starter_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_CACHE", str(starter_cache))
    return starter_cache


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def starter(cache: Path) -> ModelFolder:  # noqa: ARG001 - the cache that it is converted into
    if not STARTER.is_dir():
        pytest.skip("the starter's weights are not there")
    return resolve("starter-ar-en")


@pytest.fixture
def starter_copy(tmp_path: Path) -> Path:
    if not STARTER.is_dir():
        pytest.skip("the starter's weights are not there")
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in STARTER.iterdir():
        shutil.copyfile(path, copy / path.name)
    return copy


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Randomly initialised models of every family but Marian, a thousand weights each."""
    root = tmp_path_factory.mktemp("tiny")
    return {family: _tiny(root / family, family) for family in ("nllb", "m2m_100", "mbart")}


def _tiny(folder: Path, family: str) -> Path:
    import torch
    import transformers

    folder.mkdir()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT * 20),
        model_prefix=str(folder / "sentencepiece.bpe"),
        vocab_size=150,
        model_type="bpe",
        hard_vocab_limit=False,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        minloglevel=2,
    )
    (folder / "sentencepiece.bpe.vocab").unlink()
    settings: dict[str, Any] = {
        "nllb": {"tokenizer_class": "NllbTokenizer", "src_lang": "arb_Arab"},
        "m2m_100": {"tokenizer_class": "M2M100Tokenizer", "src_lang": "ar", "tgt_lang": "en"},
        "mbart": {"tokenizer_class": "MBart50Tokenizer", "src_lang": "ar_AR"},
    }[family]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    if family == "m2m_100":
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.bpe.model"))
        vocabulary = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
        for i in range(pieces.get_piece_size()):
            vocabulary.setdefault(pieces.id_to_piece(i), len(vocabulary))
        (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    model_type = "mbart" if family == "mbart" else "m2m_100"
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    extra = {"extra_special_tokens": ["arb_Arab", "eng_Latn"]} if family == "nllb" else {}
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), **extra)
    if family != "m2m_100":
        (folder / "sentencepiece.bpe.model").unlink()
        tokenizer.save_pretrained(str(folder))
    ids = [*tokenizer.get_vocab().values(), *getattr(tokenizer, "lang_token_to_id", {}).values()]
    size = max(ids) + 1
    config_class = transformers.MBartConfig if family == "mbart" else transformers.M2M100Config
    config = config_class(
        vocab_size=size + (8 if family == "m2m_100" else 0),
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=64,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        scale_embedding=True,
        dtype="float32",
        **({"tokenizer_class": "MBart50Tokenizer"} if family == "mbart" else {}),
    )
    torch.manual_seed(1)
    model = transformers.AutoModelForSeq2SeqLM.from_config(config)
    for weight in model.parameters():  # wide apart, so that rounding decides no choice
        torch.nn.init.normal_(weight, std=0.5)
    model.save_pretrained(str(folder))
    return folder
