"""Segment scores of metrics that live elsewhere."""

from pathlib import Path

import pytest

from dragoman.errors import FormatError, InputError
from dragoman.eval.foreign_scores import read_scores


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("s.txt", "0.5\n-1.25\n"),
        (
            "s.log",
            "hyp.txt\tSegment 0\tscore: 0.5\nhyp.txt\tSegment 1\tscore: -1.25\nhyp.txt\tscore: -0.375\n",
        ),
        ("s.json", '{"hyp.txt": [{"src": "a", "COMET": 0.5}, {"src": "b", "COMET": -1.25}]}'),
        ("s.json", "[0.5, -1.25]"),
        ("s.jsonl", '{"comet": 0.5}\n{"comet": -1.25}\n'),
        ("s.tsv", "seg_id\tscore\n1\t0.5\n2\t-1.25\n"),
    ],
)
def test_scores_are_read_from_every_form(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    found = read_scores("COMET", tmp_path / name)
    assert found.values == (0.5, -1.25)
    assert found.file.n_segments == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("0.5\nbad\n", "line 2: 'bad' is not a number"),
        ("nan\n", "not a finite number"),
        ("", "no scores"),
        ("a\tSegment 1\tscore: 1\n", "not numbered 0, 1, 2"),
        ('{"a": [1], "b": [2]}', "holds 2 systems"),
        ('[{"BLEURT": 1}]', "no COMET and no score"),
    ],
)
def test_what_is_no_score_is_refused_by_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "s.txt").write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=message):
        read_scores("COMET", tmp_path / "s.txt")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_scores("COMET", tmp_path / "none")
