import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dragoman.cli import dragoman
from dragoman.models.catalog import resolve
from dragoman.models.division import Division, by_rule, choose
from dragoman.translate.throughput import Rate, Setting, fastest


def test_bench_measures_every_setting_and_remembers_a_division_of_all_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_CACHE", str(tmp_path / "cache"))
    text = tmp_path / "text.txt"
    text.write_text("وصل الوزير إلى القاهرة يوم الأحد. وعاد في المساء.\n", encoding="utf-8")
    arguments = ["bench", str(text), "--seconds", "0.01", "--threads", "2", "--format", "json"]
    done = CliRunner().invoke(dragoman, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {(row["workers"], row["threads"]) for row in rows[:4]} == {(1, 2), (2, 1)}
    assert {row["compute_type"] for row in rows} == {"int8", "float32"}
    assert {row["beam"] for row in rows} == {1, 2, 4, 8}
    assert all(row["tokens_per_s"] > 0 for row in rows)
    chosen = choose(resolve().digest, 2)
    assert f"remembered: {chosen.n_workers} worker(s) of {chosen.n_threads} thread(s)" in done.stderr


def test_the_rule_stays_unless_another_division_is_clearly_faster() -> None:
    rule, other = by_rule(4), Division(1, 4)

    def rates(*figures: float) -> list[Rate]:
        return [
            Rate(Setting(division), figure, figure / 20)
            for division, figure in zip((rule, other) * 2, figures, strict=True)
        ]

    assert fastest(rates(100, 104, 50, 104)) == rule
    assert fastest(rates(50, 104, 60, 20)) == other
