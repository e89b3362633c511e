import json
from pathlib import Path

import pytest

from dragoman.errors import ModelError
from dragoman.models import catalog
from dragoman.models.catalog import ModelFolder, catalogue, resolve, verify


def test_the_catalogue_lists_the_usual_models_and_invents_no_hash() -> None:
    names = set(catalogue())
    assert names >= {
        "starter-ar-en",
        "opus-mt-ar-en",
        "opus-mt-tc-big-ar-en",
        "nllb-200-distilled-600M",
        "m2m100-418M",
        "mbart-50",
    }
    for entry in catalogue().values():
        assert entry.licence
        assert all(len(sha256) in (0, 64) for sha256 in entry.files.values())
        assert len(entry.revision) in (0, 40)


def test_the_bundled_model_is_whole_and_pinned(starter: ModelFolder) -> None:
    assert starter.entry is not None
    assert starter.entry.is_pinned
    assert {check.state for check in verify(starter)} == {"ok"}
    assert starter.layout.family == "marian"


@pytest.mark.usefixtures("empty_cache")
def test_a_path_is_a_model_and_its_digest_follows_its_content(starter_copy: Path) -> None:
    before = resolve(starter_copy)
    assert before.name == "copy"
    settings = json.loads((starter_copy / "generation_config.json").read_text())
    (starter_copy / "generation_config.json").write_text(json.dumps(settings | {"num_beams": 7}))
    assert resolve(starter_copy).digest != before.digest


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "source.spm", "vocab.json"])
@pytest.mark.usefixtures("empty_cache")
def test_a_missing_file_is_named(name: str, starter_copy: Path) -> None:
    (starter_copy / name).unlink()
    with pytest.raises(ModelError, match="weights" if name == "model.safetensors" else name):
        resolve(starter_copy)


@pytest.mark.usefixtures("empty_cache")
def test_a_damaged_bundled_file_is_noticed(starter_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_PACKAGE", starter_copy.parent)
    starter_copy.rename(starter_copy.parent / "starter-ar-en")
    weights = starter_copy.parent / "starter-ar-en" / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ModelError, match=r"model\.safetensors is damaged"):
        resolve("starter-ar-en")


def test_models_that_are_not_here_say_how_to_get_them(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(empty_cache / "none"))
    with pytest.raises(ModelError, match="dragoman models get opus-mt-ar-en"):
        resolve("opus-mt-ar-en")
    with pytest.raises(ModelError, match="dragoman models get opus-mt-ar-en"):
        resolve("Helsinki-NLP/opus-mt-ar-en")
    with pytest.raises(ModelError, match="dragoman models get someone/something"):
        resolve("someone/something")
    with pytest.raises(ModelError, match="unknown model 'nothing'"):
        resolve("nothing")


def test_a_file_instead_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(ModelError, match="this is a file"):
        resolve(tmp_path / "weights.bin")


@pytest.mark.usefixtures("empty_cache")
def test_a_snapshot_in_the_hub_cache_is_found_by_its_id(
    starter_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "hub" / "models--someone--model"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc123")
    (repository / "snapshots").mkdir()
    starter_copy.rename(repository / "snapshots" / "abc123")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    assert resolve("someone/model").name == "someone/model"


@pytest.mark.usefixtures("empty_cache")
def test_other_architectures_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="bert"):
        resolve(tmp_path)
    (tmp_path / "config.json").write_text("not json")
    with pytest.raises(ModelError, match="cannot be read"):
        resolve(tmp_path)
