"""The catalogue of models, and how a name, a path or a hub id becomes a verified folder.

`models/catalog.toml` lists what dragoman knows: for each name the hub id, the pinned revision, licence,
languages, and the SHA-256 of every file that is known. A hash or a revision that is not known is absent
there, and everything that shows the entry says so. Nothing here touches the network:
`dragoman.models.fetching` does, when a person asks for it.
"""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from dragoman.errors import ModelError
from dragoman.models import digests
from dragoman.models.folders import Layout, read_layout

DEFAULT_MODEL = "starter-ar-en"
_PACKAGE = Path(__file__).resolve().parent
_CATALOG = _PACKAGE / "catalog.toml"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the catalogue.

    Attributes:
        name: what the command line calls it.
        hub: its id on the Hugging Face hub, "" for the bundled model.
        revision: the commit that is fetched, "" when none is pinned.
        licence: SPDX identifier, or words where there is none.
        src_langs: BCP 47 codes it translates from ("mul" for many).
        tgt_langs: BCP 47 codes it translates into.
        about: one line for people.
        n_parameters: size of the model, 0 when not known.
        max_src_tokens: longest input it translates well, end-of-sentence included; longer segments are cut.
        notice: said once when the model is used.
        files: file name → SHA-256 hex digest, "" where it is not known.
    """

    name: str
    hub: str
    revision: str
    licence: str
    src_langs: tuple[str, ...]
    tgt_langs: tuple[str, ...]
    about: str
    n_parameters: int = 0
    max_src_tokens: int = 0
    notice: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_bundled(self) -> bool:
        """Whether the weights come with dragoman."""
        return not self.hub

    @property
    def is_pinned(self) -> bool:
        """Whether a revision and the hash of every file are known before anything is fetched."""
        return self.is_bundled or (bool(self.revision) and all(self.files.values()))


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder with a complete model in the Transformers layout.

    Attributes:
        name: catalogue name, hub id, or the folder's own name for a path.
        path: the folder.
        layout: what its configuration says.
        digest: SHA-256 over the names and hashes of the files that decide what it translates.
        entry: its place in the catalogue, None for others.
    """

    name: str
    path: Path
    layout: Layout
    digest: str
    entry: Entry | None = None

    @property
    def max_src_tokens(self) -> int:
        """Longest input in tokens, end-of-sentence included, that the model is given."""
        known = self.entry.max_src_tokens if self.entry else 0
        return min(known or 256, self.layout.max_positions)


@dataclass(frozen=True, slots=True)
class Check:
    """What `verify` found out about a file: "ok", "unknown" (no hash to compare), "wrong" or "missing"."""

    file: str
    state: str
    sha256: str = ""


@cache
def catalogue() -> dict[str, Entry]:
    """Return the entries of models/catalog.toml by name, in the file's order.

    Raises:
        ModelError: the catalogue cannot be read (a damaged installation).
    """
    try:
        table = tomllib.loads(_CATALOG.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"the model catalogue {_CATALOG} cannot be read: {error}") from error
    return {
        name: Entry(
            name=name,
            hub=values.get("hub", ""),
            revision=values.get("revision", ""),
            licence=values["licence"],
            src_langs=tuple(values["src_langs"]),
            tgt_langs=tuple(values["tgt_langs"]),
            about=values["about"],
            n_parameters=values.get("n_parameters", 0),
            max_src_tokens=values.get("max_src_tokens", 0),
            notice=values.get("notice", ""),
            files=values.get("files", {}),
        )
        for name, values in table.items()
    }


def cache_folder() -> Path:
    """Return the user's cache for fetched and converted models: $DRAGOMAN_CACHE or the platform's place."""
    if chosen := os.environ.get("DRAGOMAN_CACHE"):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("dragoman", appauthor=False))


def home_of(entry: Entry) -> Path:
    """Return the folder where a catalogue entry's files are, or would be."""
    return _PACKAGE / entry.name if entry.is_bundled else cache_folder() / "models" / entry.name


def hub_home(hub_id: str) -> Path:
    """Return the folder where the files of a model outside the catalogue are, or would be."""
    return cache_folder() / "models" / hub_id.replace("/", "--")


def resolve(name: str | Path = DEFAULT_MODEL) -> ModelFolder:
    """Find a model and check that it is whole.

    Args:
        name: a name of the catalogue, a folder in the Transformers layout, or a hub id that has been fetched
            (by `dragoman models get`, or into the Hugging Face cache by another program).

    Raises:
        ModelError: unknown, not fetched, a file missing, or a file that differs from the catalogue's hash.
    """
    text = os.fspath(name)
    entry = find_entry(text)
    if entry is not None:
        home = home_of(entry)
        if not home.is_dir() and (elsewhere := _in_hub_cache(entry.hub, entry.revision)):
            home = elsewhere
        if not home.is_dir():
            missing = (
                "the installation is incomplete"
                if entry.is_bundled
                else f"run: dragoman models get {entry.name}"
            )
            raise ModelError(f"model {entry.name} is not on this machine ({home}); {missing}")
        return _open(entry.name, home, entry)
    path = Path(text).expanduser()
    if path.is_dir():
        return _open(path.resolve().name, path.resolve(), None)
    if path.exists():
        raise ModelError(f"model {text}: expected a folder in the Transformers layout, this is a file")
    if _looks_like_hub_id(text):
        home = hub_home(text)
        if home.is_dir():
            return _open(text, home, None)
        if elsewhere := _in_hub_cache(text, ""):
            return _open(text, elsewhere, None)
        raise ModelError(f"model {text} is not on this machine; run: dragoman models get {text}")
    raise ModelError(
        f"unknown model {text!r}: expected a folder, a hub id (ORGANISATION/NAME) "
        f"or one of {', '.join(catalogue())}"
    )


def find_entry(name: str) -> Entry | None:
    """Return the catalogue entry with this name or hub id, None when there is none."""
    known = catalogue()
    return known.get(name) or next((entry for entry in known.values() if entry.hub == name != ""), None)


def verify(folder: ModelFolder) -> list[Check]:
    """Read every file of a model and compare its hash with the catalogue's, or with that noted when it came.

    Nothing remembered is trusted: every byte is read.
    """
    expected = dict(folder.entry.files) if folder.entry else {}
    for name, sha256 in digests.recorded(folder.path).items():
        expected[name] = expected.get(name) or sha256
    for name in folder.layout.files:
        expected.setdefault(name, "")
    checks = []
    for name, sha256 in sorted(expected.items()):
        path = folder.path / name
        if not path.is_file():
            checks.append(Check(name, "missing"))
            continue
        actual = digests.sha256_of(path)
        checks.append(Check(name, "unknown" if not sha256 else "ok" if actual == sha256 else "wrong", actual))
    return checks


def _open(name: str, path: Path, entry: Entry | None) -> ModelFolder:
    if entry is not None and entry.is_bundled:
        for file in entry.files:
            if not (path / file).is_file():
                raise ModelError(f"model {name}: {path / file} is missing; {_mend(entry)}")
    layout = read_layout(path)
    known = digests.remembered(path, layout.files, cache_folder())
    for file, sha256 in (entry.files if entry is not None else {}).items():
        actual = known.get(file)
        if sha256 and actual is not None and actual != sha256:
            raise ModelError(
                f"model {name}: {path / file} is damaged (its SHA-256 is not the catalogue's); {_mend(entry)}"
            )
    whole = hashlib.sha256()
    for file, sha256 in sorted(known.items()):
        whole.update(f"{file}\0{sha256}\n".encode())
    return ModelFolder(name, path, layout, whole.hexdigest(), entry)


def _mend(entry: Entry | None) -> str:
    if entry is None or entry.is_bundled:
        return "install dragoman again (who has replaced the weights: python -m dragoman.models.refresh)"
    return f"run: dragoman models get {entry.name}"


def _looks_like_hub_id(text: str) -> bool:
    parts = text.split("/")
    return len(parts) == 2 and all(part and not part.startswith(".") for part in parts)


def _in_hub_cache(hub_id: str, revision: str) -> Path | None:
    """Find a snapshot that another program has put into the Hugging Face cache; the network is not asked."""
    if not hub_id:
        return None
    root = os.environ.get("HF_HUB_CACHE") or os.path.join(  # noqa: PTH118 - environment values are strings
        os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface", "hub"
    )
    repository = Path(root).expanduser() / ("models--" + hub_id.replace("/", "--"))
    if not revision:
        try:
            revision = (repository / "refs" / "main").read_text(encoding="utf-8").strip()
        except OSError:
            return None
    snapshot = repository / "snapshots" / revision
    return snapshot if (snapshot / "config.json").is_file() else None
