"""Files are written whole or not at all, and what a kill leaves is told from a user's files."""

from pathlib import Path

import pytest

from dragoman.files import atomic_text, sweep, write_text


def test_unfinished_files_are_removed_at_any_depth_and_a_users_own_stay(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    mine = [
        ".tmp-notes.txt",
        ".tmp-0123456789abcdef.en.txt",
        ".tmp-0123456789abcde",
        "x.tmp-0123456789abcdef",
    ]
    for name in [*mine, ".tmp-0123456789abcdef"]:
        (folder / name).touch()
    (tmp_path / ".tmp-fedcba9876543210").mkdir()
    sweep(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == sorted(mine)
    assert (tmp_path / ".tmp-fedcba9876543210").is_dir()


def test_what_an_interrupted_block_has_written_would_be_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)  # as after a kill
    with pytest.raises(KeyboardInterrupt), atomic_text(tmp_path / "x") as stream:
        stream.write("half")
        raise KeyboardInterrupt
    monkeypatch.undo()
    assert len(list(tmp_path.iterdir())) == 1
    sweep(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_that_would_be_the_same_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_text(path, "a" * 3_000_000, keep_equal=True)
    before = path.stat()
    write_text(path, "a" * 3_000_000, keep_equal=True)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    write_text(path, "a" * 2_999_999 + "b", keep_equal=True)
    assert path.read_text(encoding="utf-8").endswith("ab")
    write_text(path, "", keep_equal=True)
    assert path.read_text(encoding="utf-8") == ""
    assert [found.name for found in tmp_path.iterdir()] == ["x"]
