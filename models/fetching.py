"""Fetching a model, when a person asks for it: the only place that touches the network.

Files come through huggingface_hub, at the catalogue's pinned revision where one is known, into the user's
cache. What came is checked against the catalogue's hashes, or, where those are not known, recorded in
dragoman.json beside it, so that later damage is noticed.
"""

import json
from collections.abc import Callable
from pathlib import Path

from dragoman.errors import ModelError, OutputError
from dragoman.files import write_text
from dragoman.models.catalog import Entry, ModelFolder, find_entry, home_of, hub_home, resolve
from dragoman.models.digests import RECORD, sha256_of

# What a translation model in the Transformers layout can consist of; nothing executable, no other frameworks.
_WANTED = (
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "tokenizer.json",
    "vocab.json",
    "target_vocab.json",
    "*.spm",
    "sentencepiece.bpe.model",
    "model.safetensors",
    "model*.safetensors",
    "model.safetensors.index.json",
    "README.md",
    "LICENSE*",
)
_PICKLED = ("pytorch_model.bin", "pytorch_model*.bin", "pytorch_model.bin.index.json")


def fetch(
    name: str,
    *,
    revision: str = "",
    allow_pickle: bool = False,
    step: Callable[[str], None] | None = None,
) -> ModelFolder:
    """Fetch a model into the user's cache and return its verified folder.

    Args:
        name: a name of the catalogue, or a hub id (ORGANISATION/NAME).
        revision: commit, tag or branch; "" takes the catalogue's pin, or else the newest.
        allow_pickle: take pickled weights too, for a model outside the catalogue; they can hold code,
            although they are only ever loaded as plain tensors.
        step: told in a few words what is being done.

    Raises:
        ModelError: unknown, out of reach, incomplete, or not what the catalogue says.
        OutputError: the cache cannot be written.
    """
    entry = find_entry(name)
    if entry is None and "/" not in name:
        raise ModelError(
            f"unknown model {name!r}: expected a name of `dragoman models list` or ORGANISATION/NAME"
        )
    if entry is not None and entry.is_bundled:
        return resolve(entry.name)
    hub_id = entry.hub if entry is not None else name
    home = home_of(entry) if entry is not None else hub_home(name)
    revision = revision or (entry.revision if entry is not None else "")
    patterns = [*_WANTED, *(_PICKLED if allow_pickle or entry is not None else ())]
    if step is not None:
        step(f"fetching {hub_id} at {revision or 'its newest revision (none is pinned)'} into {home}")
    commit = _download(hub_id, revision, patterns, home)
    if entry is not None:
        _compare(entry, home)
    files = {
        path.relative_to(home).as_posix(): sha256_of(path)
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.relative_to(home).as_posix().startswith(".") and path.name != RECORD
    }
    record = {"hub": hub_id, "revision": commit, "files": files}
    write_text(home / RECORD, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    return resolve(name)


def _download(hub_id: str, revision: str, patterns: list[str], home: Path) -> str:
    from huggingface_hub import HfApi, snapshot_download

    try:
        # Branches move while files come: ask for the commit first, then take everything from that.
        commit = HfApi().model_info(hub_id, revision=revision or None).sha or revision
        names = {file.rfilename for file in HfApi().model_info(hub_id, revision=commit).siblings or ()}
        if any(name.endswith(".safetensors") for name in names):
            patterns = [pattern for pattern in patterns if pattern not in _PICKLED]
        elif not any(pattern in _PICKLED for pattern in patterns):
            raise ModelError(
                f"model {hub_id} has pickled weights only, which can hold code; --allow-pickle trusts it"
            )
        snapshot_download(hub_id, revision=commit, allow_patterns=patterns, local_dir=str(home))
    except ModelError:
        raise
    except OSError as error:
        # The hub's own errors (no network, no such model, no access) are OSErrors too, without an errno.
        if error.errno is not None and not _is_network(error):
            raise OutputError(f"cannot write {home}: {error.strerror or error}") from error
        raise ModelError(f"cannot fetch {hub_id}: {_reason(error)}") from error
    except Exception as error:
        raise ModelError(f"cannot fetch {hub_id}: {_reason(error)}") from error
    return commit


def _compare(entry: Entry, home: Path) -> None:
    for file, sha256 in entry.files.items():
        if sha256 and (home / file).is_file() and sha256_of(home / file) != sha256:
            (home / file).unlink()
            raise ModelError(
                f"model {entry.name}: {file} is not the file that the catalogue names; it was removed"
            )


def _is_network(error: OSError) -> bool:
    return isinstance(error, ConnectionError | TimeoutError) or type(error).__module__.split(".")[0] in (
        "requests",
        "httpx",
        "httpx2",
        "httpcore2",
        "urllib3",
        "huggingface_hub",
    )


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())
    kind = type(error).__name__
    if (
        "offline" in text.lower()
        or "Connect" in kind
        or "Connection" in text
        or "resolve host" in text.lower()
    ):
        return "the hub cannot be reached (no network?)"
    return text[:200] or kind
