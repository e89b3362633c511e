"""Reading parallel text: plain or xz-compressed TSV, Arabic TAB English, topics skipped."""

import lzma
from collections.abc import Iterator
from pathlib import Path

from dragoman.errors import InputError
from dragoman.models.training.config import Source
from dragoman.models.training.filters import Pair


def read_pairs(source: Source, roots: tuple[Path, ...]) -> Iterator[Pair]:
    """Yield a source's pairs, white space squeezed, in the order of its files.

    Raises:
        InputError: no file matches, so that a wrong folder is noticed at once.
    """
    paths = sorted(path for root in roots for path in root.glob(source.path))
    if not paths:
        raise InputError(
            f"source {source.name}: no file matches {source.path!r} below {[str(r) for r in roots]}"
        )
    for path in paths:
        yield from _read_file(path, source)


def read_lines(path: Path) -> list[str]:
    r"""Return a UTF-8 text's lines, cut at `\n` only."""
    lines = path.read_text(encoding="utf-8").split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def _read_file(path: Path, source: Source) -> Iterator[Pair]:
    content = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    for line in content.decode("utf-8").split("\n"):
        ar, tab, rest = line.partition("\t")
        if not tab or line.startswith("# "):
            continue
        en = rest.split("\t")[0]
        yield Pair(" ".join(ar.split()), " ".join((en.title() if source.names else en).split()), source.name)
