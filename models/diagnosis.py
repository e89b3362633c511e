"""What is installed, which models are here and whole, what the machine can do, what is wrong: for `doctor`.

Nothing heavy is imported: versions come from the installed packages' metadata.
"""

import importlib.metadata
import os
import platform
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dragoman.errors import ModelError
from dragoman.models.catalog import cache_folder, resolve, verify
from dragoman.models.conversion import is_converted
from dragoman.models.division import choose
from dragoman.models.machine import memory_bytes, n_cores, simd
from dragoman.models.state import states

_NEEDED = ("ctranslate2", "sentencepiece", "click", "lxml", "numpy", "sacrebleu", "trafilatura")
_FOR_CONVERSION = ("torch", "transformers")
_OPTIONAL = {"ray": "pip install dragoman[ray] for clusters", "playwright": "for tests of the report only"}
_MIN_FREE = 1 << 30  # bytes; a converted model of the usual size takes a third of it


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis: state is "ok", "note" (good to know) or "wrong"."""

    state: str
    subject: str
    text: str


def diagnose() -> list[Finding]:
    """Look at everything; problems are findings, never errors."""
    return [*_software(), *_machine(), *_cache(), *_models()]


def _software() -> Iterator[Finding]:
    yield Finding(
        "ok", "dragoman", f"{_version('dragoman') or 'from a checkout'}, Python {platform.python_version()}"
    )
    needed = {name: _version(name) for name in _NEEDED}
    for name in [name for name, version in needed.items() if version is None]:
        yield Finding("wrong", name, "is not installed; run: pip install dragoman")
    yield Finding(
        "ok", "packages", ", ".join(f"{name} {version}" for name, version in needed.items() if version)
    )
    tools = {name: _version(name) for name in _FOR_CONVERSION}
    if all(tools.values()):
        yield Finding(
            "ok",
            "conversion",
            ", ".join(f"{name} {version}" for name, version in tools.items()) + " (not used at run time)",
        )
    else:
        missing = ", ".join(name for name, version in tools.items() if version is None)
        yield Finding(
            "note", "conversion", f"{missing} not installed: models that are not converted yet cannot be used"
        )
    for name, purpose in _OPTIONAL.items():
        version = _version(name)
        yield Finding("ok" if version else "note", name, version or f"not installed: {purpose}")


def _machine() -> Iterator[Finding]:
    try:
        digest = resolve().digest
    except ModelError:
        digest = ""  # `_models` says what is wrong with it
    division = choose(digest)
    memory = memory_bytes()
    yield Finding(
        "ok",
        "machine",
        f"{platform.system()} {platform.machine()}, {n_cores()} cores usable, "
        f"{memory / 2**30:.1f} GiB memory, {simd() or 'no SIMD known'}",
    )
    try:
        import ctranslate2

        kinds = sorted(ctranslate2.get_supported_compute_types("cpu"))
        gpus = ctranslate2.get_cuda_device_count()
    except (ImportError, RuntimeError, ValueError) as error:
        yield Finding("wrong", "CTranslate2", f"does not work here: {' '.join(str(error).split())}")
        return
    yield Finding(
        "ok",
        "engine",
        f"CTranslate2 on CPU: {', '.join(kinds)}; "
        f"{division.n_workers} workers of {division.n_threads} thread(s), beam 4",
    )
    yield Finding(
        "ok" if gpus else "note", "GPU", f"{gpus} seen" if gpus else "none seen; everything runs on the CPU"
    )


def _cache() -> Iterator[Finding]:
    folder = cache_folder()
    source = "DRAGOMAN_CACHE" if os.environ.get("DRAGOMAN_CACHE") else "default"
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    if not existing.is_dir() or not _can_write(existing):
        yield Finding(
            "wrong",
            "cache",
            f"{folder} ({source}) cannot be written; set DRAGOMAN_CACHE to a folder that can",
        )
        return
    free = shutil.disk_usage(existing).free
    state = "wrong" if free < _MIN_FREE // 16 else "note" if free < _MIN_FREE else "ok"
    yield Finding(state, "cache", f"{folder} ({source}), {free / 2**30:.1f} GiB free")


def _models() -> Iterator[Finding]:
    absent = []
    for state in states():
        if state.problem:
            yield Finding("wrong", state.entry.name, state.problem)
        elif state.folder is None:
            absent.append(state.entry.name)
        else:
            checks = verify(state.folder)
            bad = [check.file for check in checks if check.state in ("wrong", "missing")]
            n_unknown = sum(check.state == "unknown" for check in checks)
            ready = "converted" if is_converted(state.folder, "int8") else "converted at first use"
            if bad:
                yield Finding("wrong", state.entry.name, f"damaged: {', '.join(bad)}")
            else:
                unknown = f", {n_unknown} without a known hash" if n_unknown else ""
                yield Finding("ok", state.entry.name, f"{len(checks)} files verified{unknown}; {ready}")
    if absent:
        yield Finding("note", "not fetched", ", ".join(absent) + " (dragoman models get NAME)")
    for path in sorted((cache_folder() / "models").glob("*")):
        if path.is_dir() and not any(path.name == state.entry.name for state in states()):
            try:
                resolve(path)
                yield Finding("ok", path.name, "fetched, outside the catalogue")
            except ModelError as error:
                yield Finding("wrong", path.name, str(error))


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _can_write(folder: Path) -> bool:
    probe = folder / f".tmp-{secrets.token_hex(8)}"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True
