"""Coverage-guided fuzzing of what strangers' bytes reach, by the invariants of `tests/invariants.py`.

    python bench/fuzz.py read -max_total_time=600
    python bench/fuzz.py segment -max_total_time=600 CORPUS_FOLDER

Targets: read, segment, align, tmx, xliff (written and read back), read_tmx, read_xliff (bytes as the file),
report. Needs atheris, which is no dependency of the project. Options after the target are libFuzzer's. What
is found becomes a test before it is mended.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
with atheris.instrument_imports(include=["dragoman"]):
    from dragoman.corpora.tmx import read_tmx
    from dragoman.corpora.xliff import read_xliff
    from dragoman.errors import DragomanError
    from tests import invariants


def texts_of(data: bytes) -> list[str]:
    """Return the strings that bytes stand for, 0x1E between them; damaged bytes are lone surrogates."""
    return [part.decode("utf-8", "surrogateescape") for part in data.split(b"\x1e")][:12]


def fuzz_align(data: bytes) -> None:
    """Align the first half of some strings with the second."""
    texts = texts_of(data)
    half = len(texts) // 2
    invariants.check_alignment(texts[:half], texts[half:], texts[:half] if len(data) % 2 else None)


def fuzz_report(data: bytes) -> None:
    """Make a page of a text and the strings behind it."""
    text, *translations = texts_of(data) or [""]
    invariants.check_report(text, translations)


def fuzz_bitext_file(read: Callable[[io.BytesIO], object]) -> Callable[[bytes], None]:
    """Return a target that reads bytes as a bitext file: units, or an error of ours in one line."""

    def target(data: bytes) -> None:
        try:
            units = list(read(io.BytesIO(data)).units)  # type: ignore[attr-defined]
        except DragomanError as error:
            assert "\n" not in str(error)
            return
        assert all(isinstance(unit.src, str) and isinstance(unit.tgt, str) for unit in units)

    return target


TARGETS: dict[str, Callable[[bytes], None]] = {
    "read": invariants.check_reading,
    "segment": lambda data: invariants.check_segmentation(data.decode("utf-8", "surrogateescape")),
    "align": fuzz_align,
    "tmx": lambda data: invariants.check_tmx(texts_of(data)),
    "xliff": lambda data: invariants.check_xliff(texts_of(data)),
    "read_tmx": fuzz_bitext_file(read_tmx),
    "read_xliff": fuzz_bitext_file(read_xliff),
    "report": fuzz_report,
}


def main() -> None:
    """Fuzz the target that the first argument names."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: fuzz.py {'|'.join(TARGETS)} [libFuzzer options]")
    target = TARGETS[sys.argv.pop(1)]
    with atheris.instrument_imports(include=["dragoman"]):
        target("قال الوزير\x1eThe minister said\x1eكلام".encode())  # what is imported on first use
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
