import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from dragoman.errors import ModelError
from dragoman.models import digests
from dragoman.models.catalog import resolve, verify
from dragoman.models.fetching import fetch

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub(starter_copy: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub with one model, without a network."""
    import huggingface_hub

    class Api:
        def model_info(self, _hub_id: str, revision: str | None = None) -> SimpleNamespace:
            assert revision in (None, "main", COMMIT)
            names = [path.name for path in starter_copy.iterdir()]
            return SimpleNamespace(sha=COMMIT, siblings=[SimpleNamespace(rfilename=name) for name in names])

    def download(_hub_id: str, *, revision: str, allow_patterns: list[str], local_dir: str) -> str:
        assert revision == COMMIT
        assert not any(pattern.endswith(".py") for pattern in allow_patterns)
        shutil.copytree(starter_copy, local_dir, dirs_exist_ok=True)
        return local_dir

    assert not empty_cache.exists()
    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    return starter_copy


@pytest.mark.usefixtures("hub")
def test_a_fetched_model_is_recorded_and_later_damage_is_noticed() -> None:
    steps: list[str] = []
    folder = fetch("someone/model", step=steps.append)
    assert "none is pinned" in steps[0]
    assert resolve("someone/model").path == folder.path
    record = json.loads((folder.path / digests.RECORD).read_text())
    assert (record["hub"], record["revision"]) == ("someone/model", COMMIT)
    assert {check.state for check in verify(folder)} == {"ok"}
    (folder.path / "vocab.json").write_text((folder.path / "vocab.json").read_text() + " ")
    assert [check.file for check in verify(folder) if check.state == "wrong"] == ["vocab.json"]


def test_pickled_weights_are_taken_only_when_asked_for(hub: Path) -> None:
    (hub / "model.safetensors").rename(hub / "pytorch_model.bin")
    with pytest.raises(ModelError, match="--allow-pickle"):
        fetch("someone/model")


@pytest.mark.usefixtures("empty_cache")
def test_no_network_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    class Api:
        def model_info(self, *_: object, **__: object) -> None:
            raise ConnectionError("Max retries exceeded")

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    with pytest.raises(ModelError, match="cannot be reached"):
        fetch("opus-mt-ar-en")


def test_names_that_nobody_knows_are_refused_before_the_network() -> None:
    with pytest.raises(ModelError, match="unknown model"):
        fetch("nothing")
