"""Quality floors rise, and fall only with a reason in the changelog."""

from functools import partial
from pathlib import Path

import pytest

from dragoman.errors import FormatError, InputError
from dragoman.eval.gate import (
    FLOORS,
    Floor,
    Measurement,
    Verdict,
    check_floors,
    digest_files,
    lower,
    raised,
    read_floors,
    write_floors,
)

FLOOR = Floor("a/F1", 0.9, 0.91, 0.01, "d1")


@pytest.mark.parametrize(
    ("measurement", "verdict", "holds"),
    [
        (Measurement(0.95, "d1"), Verdict.PASSED, True),
        (Measurement(0.89, "d1"), Verdict.FAILED, False),
        (Measurement(0.95, "d2"), Verdict.OTHER_DATA, False),
        (None, Verdict.SKIPPED, True),
    ],
)
def test_a_floor_holds_on_its_own_data_only(
    measurement: Measurement | None, verdict: Verdict, holds: bool
) -> None:
    [checked] = check_floors([FLOOR], {"a/F1": lambda: measurement})
    assert (checked.verdict, checked.holds) == (verdict, holds)


def test_a_floor_that_nobody_measures_does_not_hold() -> None:
    [checked] = check_floors([FLOOR], {})
    assert not checked.holds


def test_floors_rise_by_a_new_measurement_less_its_margin_and_never_fall() -> None:
    better = check_floors([FLOOR], {"a/F1": lambda: Measurement(0.97, "d1")})
    assert raised(better)[0].floor == 0.96
    for value in (0.905, 0.5):
        assert raised(check_floors([FLOOR], {"a/F1": partial(Measurement, value, "d1")})) == [FLOOR]


def test_lowering_writes_its_reason_into_the_changelog(tmp_path: Path) -> None:
    floors, changelog = tmp_path / "floors.json", tmp_path / "CHANGELOG.md"
    write_floors([FLOOR], floors)
    changelog.write_text("# Changelog\n\n## [Unreleased]\n- older\n", encoding="utf-8")
    lower("a/F1", 0.8, "the data was\nwrong", changelog, floors)
    assert read_floors(floors)[0].floor == 0.8
    text = changelog.read_text(encoding="utf-8")
    assert "- Quality floor a/F1 lowered from 0.9 to 0.8: the data was wrong\n" in text
    assert text.endswith("- older\n")


@pytest.mark.parametrize(
    ("name", "value", "reason", "message"),
    [
        ("b", 0.8, "r", "no floor 'b'"),
        ("a/F1", 0.8, " ", "needs a reason"),
        ("a/F1", 0.95, "r", "is not lower than"),
        ("a/F1", 0.8, "r", "no section"),
    ],
)
def test_lowering_without_all_it_needs_is_refused(
    tmp_path: Path, name: str, value: float, reason: str, message: str
) -> None:
    floors, changelog = tmp_path / "floors.json", tmp_path / "CHANGELOG.md"
    write_floors([FLOOR], floors)
    changelog.write_text("# Changelog\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        lower(name, value, reason, changelog, floors)
    assert read_floors(floors) == [FLOOR]


def test_the_digest_depends_on_name_and_content_but_not_on_order_and_folder(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in ("a", "b"):
            (tmp_path / folder / name).write_text(name, encoding="utf-8")
    first = digest_files([tmp_path / "one/a", tmp_path / "one/b"])
    assert first == digest_files([tmp_path / "two/b", tmp_path / "two/a"])
    (tmp_path / "two/b").write_text("c", encoding="utf-8")
    assert first != digest_files([tmp_path / "two/b", tmp_path / "two/a"])


def test_the_projects_floors_are_complete() -> None:
    floors = read_floors(FLOORS)
    assert all(floor.digest and floor.floor <= floor.measured for floor in floors)
    areas = {floor.name.split("/")[0] for floor in floors}
    assert areas == {"alignment", "qa", "segmentation", "starter"}


def test_what_are_no_floors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text("[]", encoding="utf-8")
    with pytest.raises(FormatError, match="expected quality floors"):
        read_floors(tmp_path / "f.json")
