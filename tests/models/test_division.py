from pathlib import Path

import pytest

from dragoman.models.division import Division, by_rule, candidates, choose, remember


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_CACHE", str(tmp_path))
    return tmp_path


def test_candidates_use_every_thread_and_begin_with_the_rule() -> None:
    for threads in (1, 2, 6, 16, 64):
        found = candidates(threads)
        assert found[0] == by_rule(threads)
        assert all(division.n_workers * division.n_threads == threads for division in found)
        assert len(set(found)) == len(found)


def test_what_is_remembered_is_chosen_for_that_model_and_number_of_threads_alone() -> None:
    remember("model-a", 4, Division(1, 4))
    remember("model-b", 4, Division(2, 2))
    assert choose("model-a", 4) == Division(1, 4)
    assert choose("model-b", 4) == Division(2, 2)
    assert choose("model-a", 2) == by_rule(2)


@pytest.mark.parametrize(
    "content", ["", "[]", "not json", '{"x": 1}', '{"KEY": {"workers": 64, "threads": 64}}']
)
def test_a_damaged_memory_is_as_good_as_none(cache: Path, content: str) -> None:
    path = remember("model", 4, Division(1, 4))
    key = path.read_text(encoding="utf-8").split('"')[1]
    path.write_text(content.replace("KEY", key), encoding="utf-8")
    assert choose("model", 4) == by_rule(4)
    assert remember("model", 4, Division(2, 2)).parent == cache
    assert choose("model", 4) == Division(2, 2)
