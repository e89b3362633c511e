"""The project's own quality floors: figures that may rise and do not fall in silence.

`eval/floors.json` holds, for each figure, the least value that is accepted, the value that was measured
when it was set, and the digest of the data. A check measures again and compares: a figure below its floor
fails, data with another digest fails (a figure on other data says nothing), data that is not on this
machine is skipped and named. Floors rise by `raised`; they are lowered only one by one, with a reason that
goes into the changelog.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path

from dragoman.errors import FormatError, InputError
from dragoman.files import write_text

FLOORS = Path(__file__).parent / "floors.json"


@dataclass(frozen=True, slots=True)
class Floor:
    """The least accepted value of one figure.

    Attributes:
        name: such as "segmentation/ar-padt-dev-fine/F1".
        floor: least accepted value.
        measured: value when the floor was set.
        margin: how far below a new measurement a raised floor is put (decoding differs a little by machine).
        digest: sha256 of the data (`digest_files`), "" as long as nothing was measured.
    """

    name: str
    floor: float
    measured: float
    margin: float
    digest: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """A figure measured now, and the digest of the data behind it."""

    value: float
    digest: str


Measure = Callable[[], Measurement | None]
"""Measures one figure; None when its data is not on this machine."""


class Verdict(StrEnum):
    """What became of one floor."""

    PASSED = "passed"
    FAILED = "failed"
    OTHER_DATA = "other data"
    SKIPPED = "skipped"
    UNMEASURED = "no measure"


@dataclass(frozen=True, slots=True)
class Checked:
    """One floor, what was measured, and the verdict."""

    floor: Floor
    measurement: Measurement | None
    verdict: Verdict

    @property
    def holds(self) -> bool:
        """Nothing speaks against the floor."""
        return self.verdict in (Verdict.PASSED, Verdict.SKIPPED)

    def __str__(self) -> str:
        found = "-" if self.measurement is None else f"{self.measurement.value:.4f}"
        return f"{self.verdict:<10}  {self.floor.name:<44}  measured {found:>8}  floor {self.floor.floor:.4f}"


def read_floors(path: Path = FLOORS) -> list[Floor]:
    """Read the floors.

    Raises:
        FormatError: the file is not a list of floors.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["floors"]
        return [Floor(**entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: expected quality floors ({error})") from None


def write_floors(floors: Sequence[Floor], path: Path = FLOORS) -> None:
    """Write the floors, in order of name."""
    entries = [asdict(floor) for floor in sorted(floors, key=lambda floor: floor.name)]
    write_text(path, json.dumps({"floors": entries}, indent=1) + "\n")


def check_floors(floors: Iterable[Floor], measures: Mapping[str, Measure]) -> list[Checked]:
    """Measure every floor's figure and compare.

    Args:
        floors: what must hold.
        measures: by the floors' names; a floor without a measure does not hold.
    """
    checked = []
    for floor in floors:
        measure = measures.get(floor.name)
        measurement = measure() if measure is not None else None
        if measure is None:
            verdict = Verdict.UNMEASURED
        elif measurement is None:
            verdict = Verdict.SKIPPED
        elif floor.digest and measurement.digest != floor.digest:
            verdict = Verdict.OTHER_DATA
        else:
            verdict = Verdict.PASSED if measurement.value >= floor.floor else Verdict.FAILED
        checked.append(Checked(floor, measurement, verdict))
    return checked


def raised(checked: Iterable[Checked]) -> list[Floor]:
    """Return the floors, each put to its new measurement less its margin where that is higher."""
    floors = []
    for item in checked:
        floor, found = item.floor, item.measurement
        if found is not None and item.verdict is Verdict.PASSED:
            lifted = round(found.value - floor.margin, 4)
            if lifted > floor.floor or not floor.digest:
                floor = replace(
                    floor, floor=max(lifted, floor.floor), measured=round(found.value, 4), digest=found.digest
                )
        floors.append(floor)
    return floors


def lower(name: str, value: float, reason: str, changelog: Path, path: Path = FLOORS) -> None:
    """Lower one floor, and say so in the changelog.

    Args:
        name: of the floor.
        value: new floor.
        reason: one line.
        changelog: file with a section "## [Unreleased]".
        path: file of the floors.

    Raises:
        InputError: no such floor, no reason, the value is not lower, or the changelog has no open section.
    """
    floors = read_floors(path)
    floor = next((floor for floor in floors if floor.name == name), None)
    if floor is None:
        raise InputError(f"no floor {name!r}: known are {', '.join(f.name for f in floors)}")
    if not reason.strip():
        raise InputError("lowering a floor needs a reason, which goes into the changelog")
    if value >= floor.floor:
        raise InputError(f"{name}: {value} is not lower than {floor.floor}; floors rise with --update")
    text = changelog.read_text(encoding="utf-8")
    heading, found, rest = text.partition("## [Unreleased]\n")
    if not found:
        raise InputError(f'{changelog}: no section "## [Unreleased]" for the reason')
    entry = f"- Quality floor {name} lowered from {floor.floor} to {value}: {' '.join(reason.split())}\n"
    write_text(changelog, f"{heading}{found}\n{entry}{rest.removeprefix(chr(10))}")
    write_floors([replace(f, floor=value) if f.name == name else f for f in floors], path)


def digest_files(paths: Iterable[Path]) -> str:
    """Digest of files by name and content, whatever their order and folder."""
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        digest.update(path.name.encode("utf-8") + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
