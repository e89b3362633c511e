"""Refresh what is kept about a bundled model after its weights were replaced.

    python -m dragoman.models.refresh starter-ar-en

writes the SHA-256 of its files into models/catalog.toml and its golden sentences, translated by Transformers
in float32, into models/golden.toml. Run it from a checkout, look at the difference, commit it.
"""

import re
import sys
from pathlib import Path

from dragoman.errors import ModelError
from dragoman.files import write_text
from dragoman.models import catalog, golden
from dragoman.models.digests import sha256_of

_CATALOG = Path(__file__).resolve().parent / "catalog.toml"


def refresh(name: str) -> None:
    """Write a bundled model's hashes and golden sentences.

    Raises:
        ModelError: the model is not a bundled one, or does not load.
    """
    entry = catalog.catalogue().get(name)
    if entry is None or not entry.is_bundled:
        raise ModelError(f"{name!r} is not a bundled model")
    home = catalog.home_of(entry)
    files = sorted(path.name for path in home.iterdir() if path.is_file() and not path.name.startswith("."))
    section = f"[{name}.files]\n" + "".join(f'"{file}" = "{sha256_of(home / file)}"\n' for file in files)
    pattern = re.compile(rf"^\[{re.escape(name)}\.files\]\n[^\[]*", re.MULTILINE)
    text = _CATALOG.read_text(encoding="utf-8")
    if not pattern.search(text):
        raise ModelError(f"{_CATALOG} has no section [{name}.files]")
    write_text(_CATALOG, pattern.sub(lambda _: section + "\n", text))
    catalog.catalogue.cache_clear()
    folder = catalog.resolve(name)
    write_text(golden.GOLDEN_FILE, golden.as_toml(name, folder.digest, golden.compute(folder)))


if __name__ == "__main__":
    try:
        for argument in sys.argv[1:] or [catalog.DEFAULT_MODEL]:
            refresh(argument)
    except ModelError as failure:
        sys.exit(f"Error: {failure}")
