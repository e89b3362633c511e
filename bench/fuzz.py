"""Coverage-guided fuzzing of what strangers' bytes reach first: the reader and the segmenter.

    python bench/fuzz.py read -max_total_time=600
    python bench/fuzz.py segment -max_total_time=600 CORPUS_FOLDER

Needs atheris, which is no dependency of the project. Options after the target are libFuzzer's. What is found
becomes a test before it is mended.
"""

import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["dragoman"]):
    from dragoman.corpora.reading import read
    from dragoman.corpora.segmentation import segment
    from dragoman.errors import DragomanError


def fuzz_read(data: bytes) -> None:
    """Read bytes: an error of ours or a document in which every visible character belongs to a line."""
    try:
        document = read(data, any_language=True, name="page.html" if data[:1] == b"<" else "text.txt")
    except DragomanError as error:
        assert "\n" not in str(error)
        return
    end = 0
    for line in document.lines:
        assert not document.text[end : line.start].strip()
        assert document.text[line.start : line.end].strip()
        end = line.end
    assert not document.text[end:].strip()


def fuzz_segment(data: bytes) -> None:
    """Segment a text: segments are in order and point at their text."""
    text = data.decode("utf-8", "replace")
    end = 0
    for piece in segment(text):
        assert piece.start >= end
        assert piece.text == text[piece.start : piece.end]
        end = piece.end


TARGETS: dict[str, Callable[[bytes], None]] = {"read": fuzz_read, "segment": fuzz_segment}


def main() -> None:
    """Fuzz the target that the first argument names."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: fuzz.py {'|'.join(TARGETS)} [libFuzzer options]")
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
