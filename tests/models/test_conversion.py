import json
import threading
from pathlib import Path

import pytest

from dragoman.errors import ModelError
from dragoman.models import conversion, golden
from dragoman.models.catalog import ModelFolder, resolve
from dragoman.models.conversion import convert, converted_path, is_converted


def test_a_conversion_is_done_once_and_tested(starter: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    folder = convert(starter, "int8", step=steps.append)
    report = json.loads((folder / "dragoman.json").read_text())
    assert report["digest"] == starter.digest
    assert report["self_test"]["logprob_gap"] < golden.MAX_LOGPROB_GAP["int8"]
    monkeypatch.setattr(conversion, "_write", lambda *_: pytest.fail("converted twice"))
    assert convert(starter, "int8", step=lambda _: pytest.fail("converted twice")) == folder


@pytest.mark.usefixtures("empty_cache")
def test_two_threads_convert_once(starter_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = resolve(starter_copy)
    n_conversions = 0

    def write(_folder: ModelFolder, _quantisation: str, target: Path) -> None:
        nonlocal n_conversions
        n_conversions += 1
        target.mkdir()

    monkeypatch.setattr(conversion, "_write", write)
    monkeypatch.setattr(golden, "check_converted", lambda *_: golden.Agreement(0.0, 1.0, 1))
    threads = [threading.Thread(target=convert, args=(folder, "int8")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert n_conversions == 1
    assert is_converted(folder, "int8")


@pytest.mark.usefixtures("empty_cache")
def test_a_model_that_fails_its_self_test_is_not_kept(
    starter_copy: Path, starter: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights are changed behind the back of the golden sentences, as a tying mistake would."""
    import safetensors.numpy

    goldens = golden.kept(starter)
    if not goldens:
        pytest.skip("no golden sentences for these weights yet")
    weights = safetensors.numpy.load_file(starter_copy / "model.safetensors")
    rolled = {name: value[::-1].copy() if "fc1.weight" in name else value for name, value in weights.items()}
    safetensors.numpy.save_file(rolled, starter_copy / "model.safetensors")
    monkeypatch.setattr(golden, "expected", lambda _: goldens)
    folder = resolve(starter_copy)
    with pytest.raises(ModelError, match="fails its self-test"):
        convert(folder, "int8")
    assert not converted_path(folder, "int8").exists()
    assert not list(converted_path(folder, "int8").parent.glob(".tmp-*"))


@pytest.mark.usefixtures("empty_cache")
def test_damaged_weights_are_a_model_error(starter_copy: Path) -> None:
    (starter_copy / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match="cannot be converted"):
        convert(resolve(starter_copy), "int8")


def test_a_cache_that_cannot_be_written_is_one_clear_line(
    starter_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dragoman.errors import OutputError

    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DRAGOMAN_CACHE", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="DRAGOMAN_CACHE"):
        convert(resolve(starter_copy), "int8")


def test_tokens_that_can_never_be_produced_are_left_out(starter: ModelFolder) -> None:
    folder = convert(starter, "int8")
    target = json.loads((folder / "target_vocabulary.json").read_text())
    source = json.loads((folder / "source_vocabulary.json").read_text())
    assert len(target) < len(source)
    assert {"</s>", "<unk>"} <= set(target)


def test_the_golden_sentences_are_those_of_the_installed_transformers(starter: ModelFolder) -> None:
    agreement = golden.check_transformers(starter)
    if agreement is None:
        pytest.skip("no golden sentences for these weights yet")
    assert agreement.token_agreement == 1.0
    assert agreement.logprob_gap < 0.001
