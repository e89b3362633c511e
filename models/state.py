"""Which models are on this machine, and what is known about each: for `models` and `doctor`."""

from collections.abc import Iterator
from dataclasses import dataclass

from dragoman.errors import ModelError
from dragoman.models.catalog import Entry, ModelFolder, cache_folder, catalogue, resolve, verify
from dragoman.models.conversion import QUANTISATIONS, is_converted
from dragoman.models.digests import recorded


@dataclass(frozen=True, slots=True)
class State:
    """A model of the catalogue as it is here.

    Attributes:
        entry: what the catalogue says.
        folder: where it is, None when it is not on this machine.
        problem: why it cannot be used although something is there, "" when nothing is wrong.
    """

    entry: Entry
    folder: ModelFolder | None
    problem: str = ""

    @property
    def place(self) -> str:
        """Say in a word or two whether it is here."""
        if self.problem:
            return "damaged"
        if self.folder is None:
            return "not fetched"
        return "bundled" if self.entry.is_bundled else "here"

    def line(self) -> str:
        """Return a line for people."""
        pin = "" if self.entry.is_pinned else f" [{_pinning(self.entry)}]"
        return f"{self.entry.name:24} {self.place:12} {self.entry.licence:14} {self.entry.about}{pin}"

    def as_dict(self) -> dict[str, object]:
        """Return what a program wants to know."""
        return {
            "name": self.entry.name,
            "hub": self.entry.hub,
            "revision": self.entry.revision,
            "is_pinned": self.entry.is_pinned,
            "licence": self.entry.licence,
            "src_langs": list(self.entry.src_langs),
            "tgt_langs": list(self.entry.tgt_langs),
            "state": self.place,
            "path": str(self.folder.path) if self.folder else "",
            "problem": self.problem,
        }


def states() -> Iterator[State]:
    """Look for every model of the catalogue, without the network."""
    for entry in catalogue().values():
        try:
            yield State(entry, resolve(entry.name))
        except ModelError as error:
            is_absent = "is not on this machine" in str(error) and not entry.is_bundled
            yield State(entry, None, "" if is_absent else str(error))


def describe(name: str) -> list[str]:
    """Return what is known about one model, as lines for people.

    Raises:
        ModelError: it is unknown.
    """
    entry = catalogue().get(name)
    try:
        folder: ModelFolder | None = resolve(name)
    except ModelError as error:
        if entry is None:
            raise
        folder, problem = None, str(error)
    lines = [f"name         {name}"]
    entry = entry or (folder.entry if folder else None)
    if entry is not None:
        lines += [
            f"about        {entry.about}",
            f"hub          {entry.hub or 'bundled with dragoman'}",
            f"revision     {entry.revision or ('-' if entry.is_bundled else _pinning(entry))}",
            f"licence      {entry.licence}",
            f"languages    {'/'.join(entry.src_langs)} → {'/'.join(entry.tgt_langs)}",
            f"parameters   {entry.n_parameters / 1e6:.0f} million"
            if entry.n_parameters
            else "parameters   unknown",
        ]
    if folder is None:
        return [*lines, f"state        {problem}"]
    ready = [kind for kind in QUANTISATIONS if is_converted(folder, kind)]
    lines += [
        f"path         {folder.path}",
        f"digest       {folder.digest}",
        f"family       {folder.layout.family}, weights in {folder.layout.weights}",
        f"input limit  {folder.max_src_tokens} tokens; longer segments are cut and rejoined",
        f"converted    {', '.join(ready) or 'not yet'} (cache {cache_folder()})",
        "files",
    ]
    kept = recorded(folder.path)
    for check in verify(folder):
        source = " (as fetched)" if check.state == "ok" and check.file in kept else ""
        lines.append(f"  {check.state:8} {check.sha256[:16] or '-':16} {check.file}{source}")
    return lines


def _pinning(entry: Entry) -> str:
    if not entry.revision:
        return "revision not pinned"
    return "revision pinned, hashes not known before fetching"
