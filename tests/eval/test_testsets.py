"""Test sets by name, without a network."""

import io
import tarfile
from pathlib import Path

import pytest

from dragoman.errors import InputError
from dragoman.eval.testsets import find_testset, get, known_testsets, path_of


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_TESTSETS", str(tmp_path / "sets"))
    return tmp_path / "sets"


def archive(members: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            data = content.encode("utf-8")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


FLORES = {"flores200_dataset/dev/arb_Arab.dev": "س\n", "flores200_dataset/dev/eng_Latn.dev": "x\n"}


def test_every_known_set_has_source_reference_licence_and_home() -> None:
    for testset in known_testsets():
        assert {file.role for file in testset.files} >= {"src", "ref"}
        assert testset.licence and testset.home.startswith("https://")
        assert all(file.url.startswith("https://") for file in testset.files)
        assert not testset.is_present


def test_a_set_that_is_not_here_says_where_to_put_it(root: Path) -> None:
    with pytest.raises(InputError, match=rf"place arb_Arab.dev .* in {root}/flores200-dev"):
        path_of("flores200-dev", "src")


def test_a_set_is_fetched_once_for_all_its_files() -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return archive(FLORES)

    get("flores200-dev", fetch=fetch)
    assert len(asked) == 1
    assert find_testset("flores200-dev").is_present
    assert path_of("flores200-dev", "ref").read_text(encoding="utf-8") == "x\n"


def test_a_set_is_placed_from_an_archive_or_a_folder_without_a_network(tmp_path: Path) -> None:
    (tmp_path / "f.tar.gz").write_bytes(archive(FLORES))
    get("flores200-dev", source=tmp_path / "f.tar.gz")
    (tmp_path / "arb_Arab.devtest").write_text("س\n", encoding="utf-8")
    (tmp_path / "eng_Latn.devtest").write_text("x\n", encoding="utf-8")
    get("flores200-devtest", source=tmp_path)
    assert path_of("flores200-devtest", "src").read_text(encoding="utf-8") == "س\n"


def test_a_file_that_changed_after_it_came_is_refused(root: Path) -> None:
    get("flores200-dev", fetch=lambda _: archive(FLORES))
    (root / "flores200-dev/arb_Arab.dev").write_text("ص\n", encoding="utf-8")
    with pytest.raises(InputError, match="it was changed"):
        path_of("flores200-dev", "src")


def test_other_forms_are_turned_into_text(root: Path) -> None:
    folder = root / "iwslt17-tst2017"
    folder.mkdir(parents=True)
    (folder / "IWSLT17.TED.tst2017.ar-en.ar.xml").write_text(
        '<doc>\n<seg id="1"> س &amp; ص </seg>\n<seg id="2">ب\n ت</seg></doc>', encoding="utf-8"
    )
    assert path_of("iwslt17-tst2017", "src").read_text(encoding="utf-8") == "س & ص\nب ت\n"
    folder = root / "wmt24pp-ar-eg"
    folder.mkdir()
    (folder / "en-ar_EG.jsonl").write_text(
        '{"source": "x", "target": "س", "is_bad_source": false}\n{"source": "y", "target": "", "is_bad_source": true}\n',
        encoding="utf-8",
    )
    assert path_of("wmt24pp-ar-eg", "ref").read_text(encoding="utf-8") == "x\n"


def test_a_local_folder_is_a_test_set(root: Path) -> None:
    (root / "ours").mkdir(parents=True)
    for name in ("src", "ref", "ref2"):
        (root / f"ours/{name}.txt").write_text(f"{name}\n", encoding="utf-8")
    assert [file.role for file in find_testset("ours").files] == ["src", "ref", "ref2"]
    assert path_of("ours", "ref2").read_text(encoding="utf-8") == "ref2\n"


def test_unknown_names_and_sides_are_refused() -> None:
    with pytest.raises(InputError, match="no test set 'x'"):
        find_testset("x")
    with pytest.raises(InputError, match="has no ref9"):
        path_of("ntrex128", "ref9")


def test_an_archive_without_the_file_is_refused() -> None:
    with pytest.raises(InputError, match="the archive holds no"):
        get("flores200-dev", fetch=lambda _: archive({"other": ""}))
