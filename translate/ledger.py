"""The ledger of a batch job: what is to be done, what is done, and that only one process does it.

A job's folder OUT holds, beside the results, OUT/.dragoman:

    job.json            what the job is: version of this layout, configuration, its digest
    plan.jsonl          the shards, one a line: the documents of each, in order
    repeated            keys of lines that several articles hold, found when the job is planned
    done/000012.json    marker of a finished shard: digest of its inputs and configuration, a row a document
    parts/000012/       a shard's share of the files that hold many documents, joined at the end
    tmp/                results of a shard that is being written
    lock                held by the process that works on the job

A shard's results are written to tmp/, renamed into place, and only then marked as done. Whatever moment the
process is killed at, a shard is either marked, with all its results in place, or it is done again from its
inputs; because results hold no times and depend on nothing but the inputs and the configuration, doing it
again gives the same bytes.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from dragoman.errors import InputError, MismatchError, OutputError
from dragoman.files import atomic_text, sweep, write_text

LAYOUT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Source:
    """Where one document of a job comes from.

    Attributes:
        name: unique in the job; the document's path below OUT without the language suffix, or its JSONL id.
        path: the file that holds it.
        offset: byte offset of its row in a JSONL file, -1 for a file that is one document.
        others: files that belong to it: its translation, of a pair that is aligned.
    """

    name: str
    path: str
    offset: int = -1
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shard:
    """A run of documents that is translated, written and marked as one."""

    index: int
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one document.

    Attributes:
        name: the document's name in the job.
        error: why it failed, one line; "" when it did not.
        outputs: the files written for it, relative to OUT.
        n_segments: segments translated.
        n_errors: segments with an error flag.
        n_warnings: segments with a warning flag and no error.
        notices: what reading it met with, one line each (a guessed encoding, replaced bytes …).
    """

    name: str
    error: str = ""
    outputs: tuple[str, ...] = ()
    n_segments: int = 0
    n_errors: int = 0
    n_warnings: int = 0
    notices: tuple[str, ...] = ()


class Marker(NamedTuple):
    """What the done-marker of a shard holds."""

    digest: str
    rows: tuple[Row, ...]


class Ledger:
    """The files below OUT/.dragoman; the only writer of plans and markers.

    Attributes:
        out: the job's folder.
        owner: who stages results, a path below tmp; "" where no other process can be at the same shard.
    """

    def __init__(self, out: Path, *, owner: str = "") -> None:
        self.out = out
        self.owner = owner
        self.folder = out / ".dragoman"

    def exists(self) -> bool:
        """Whether a job was planned here."""
        return (self.folder / "job.json").is_file()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the job for this process.

        Raises:
            OutputError: another process holds it.
        """
        import filelock

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {self.folder}: {error.strerror}") from error
        lock = filelock.FileLock(self.folder / "lock", timeout=0)
        try:
            with lock:
                sweep(self.out)
                yield
        except filelock.Timeout:
            raise OutputError(f"{self.out}: another process is working on this job") from None

    def clean(self) -> None:
        """Remove what processes that were killed have left, when all is done.

        Actors of a driver that was killed may have outlived it until now, and written what they had at work.
        One that writes even now fails at it and disturbs nobody: the results are in place already.
        """
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)
        sweep(self.out)

    def plan(
        self,
        configuration: dict[str, str],
        shards: Iterable[Shard],
        *,
        survey: Callable[[Iterator[Shard]], Iterable[int]] | None = None,
    ) -> None:
        """Write a new job down; `job.json` comes last, so that half a plan is no plan.

        Args:
            configuration: what decides the results.
            shards: the documents.
            survey: finds the lines that several articles hold; None to set none apart.

        Raises:
            MismatchError: OUT holds a job with another configuration.
        """
        if self.exists():
            self.expect(configuration)
        # In ASCII, for a path may hold bytes that are no text.
        lines = (json.dumps(asdict(shard)) + "\n" for shard in shards)
        with atomic_text(self.folder / "plan.jsonl", keep_equal=True) as stream:
            stream.writelines(lines)
        found = sorted(survey(self.shards())) if survey is not None else []
        write_text(self._repeated, "".join(f"{key:016x}\n" for key in found), keep_equal=True)
        job = {"layout": LAYOUT_VERSION, "configuration": configuration}
        content = json.dumps(job, ensure_ascii=False, indent=1) + "\n"
        write_text(self.folder / "job.json", content, keep_equal=True)

    def expect(self, configuration: dict[str, str]) -> None:
        """Refuse to go on with a job of another configuration.

        Raises:
            MismatchError: an option, a file's content (model, glossary) or the version of dragoman differs.
        """
        known = self.configuration()
        if known != configuration:
            keys = sorted(
                k for k in known.keys() | configuration.keys() if known.get(k) != configuration.get(k)
            )
            raise MismatchError(
                f"{self.out} holds a different job ({', '.join(keys)} changed): "
                "use another folder, or what it was begun with"
            )

    def configuration(self) -> dict[str, str]:
        """What the job was planned with.

        Raises:
            InputError: there is no job here, or one of another version.
        """
        try:
            job = json.loads((self.folder / "job.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InputError(
                f"{self.out}: no batch job here (start one with `dragoman batch INPUT -o {self.out}`)"
            ) from None
        if job.get("layout") != LAYOUT_VERSION:
            raise InputError(
                f"{self.out}: the job was made by another version of dragoman; use another folder"
            )
        return {str(key): str(value) for key, value in job["configuration"].items()}

    def repeated(self) -> frozenset[int]:
        """The keys of lines that several articles of the job hold."""
        try:
            return frozenset(int(line, 16) for line in self._repeated.read_text(encoding="utf-8").split())
        except FileNotFoundError:
            return frozenset()

    @property
    def _repeated(self) -> Path:
        return self.folder / "repeated"

    def shards(self) -> Iterator[Shard]:
        """The planned shards, in order, read one by one."""
        with (self.folder / "plan.jsonl").open("rb") as stream:
            yield from map(_shard, stream)

    def places(self) -> Iterator[int]:
        """The byte offset of each planned shard, in order, for `shard_at`."""
        place = 0
        with (self.folder / "plan.jsonl").open("rb") as stream:
            for line in stream:
                yield place
                place += len(line)

    def shard_at(self, place: int) -> Shard:
        """The planned shard at a byte offset."""
        with (self.folder / "plan.jsonl").open("rb") as stream:
            stream.seek(place)
            return _shard(stream.readline())

    def digest(self, contents: Iterable[bytes], repeated: Iterable[int] = ()) -> str:
        """Digest of all that a shard's results depend on, as its marker holds it (hex).

        Args:
            contents: the documents.
            repeated: keys of lines in them that other articles hold too.
        """
        total = hashlib.sha256(json.dumps(self.configuration(), sort_keys=True).encode())
        for content in contents:
            total.update(hashlib.sha256(content).digest())
        total.update(json.dumps(list(repeated)).encode())
        return total.hexdigest()

    def marker(self, index: int) -> Path:
        """The path of a shard's done-marker."""
        return self.folder / "done" / f"{index:06d}.json"

    def parts(self, index: int) -> Path:
        """The folder of a shard's share of the files that hold many documents."""
        return self.folder / "parts" / f"{index:06d}"

    def staging(self, index: int) -> Path:
        """The folder in which a shard's results are made."""
        return self.folder / "tmp" / self.owner / f"{index:06d}"

    def mark(self, index: int, digest: str, rows: Iterable[Row]) -> None:
        """Write down that a shard is done."""
        marker = {"digest": digest, "rows": [asdict(row) for row in rows]}
        write_text(self.marker(index), json.dumps(marker, ensure_ascii=False) + "\n")

    def done(self, index: int) -> Marker | None:
        """The marker of a finished shard, None when it is not finished."""
        try:
            raw = json.loads(self.marker(index).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        rows = tuple(_done_row(row) for row in raw["rows"])
        return Marker(str(raw["digest"]), rows)

    def holds(self, index: int, marker: Marker) -> bool:
        """Tell whether the results of a finished shard are still there; whoever deleted one gets it anew."""
        is_translated = any(not row.error for row in marker.rows)
        return (not is_translated or self.parts(index).is_dir()) and self.has_outputs(marker)

    def has_outputs(self, marker: Marker) -> bool:
        """Tell whether the files of a finished shard's documents are still there."""
        return all((self.out / name).is_file() for row in marker.rows for name in row.outputs)

    def publish(self, index: int, digest: str, write: Callable[[Path], tuple[Row, ...]]) -> tuple[Row, ...]:
        """Have a shard's results written apart, rename them into place and mark the shard as done.

        Args:
            index: the shard's.
            digest: see `digest`.
            write: writes the results below a folder that has OUT's shape, and returns a row a document.

        Raises:
            OutputError: a result cannot be written.
        """
        staging = self.staging(index)
        try:
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(parents=True)
            rows = write(staging)
            for file in sorted(path for path in staging.rglob("*") if path.is_file()):
                target = self.out / file.relative_to(staging)
                target.parent.mkdir(parents=True, exist_ok=True)
                file.replace(target)
        except OSError as error:
            raise OutputError(f"cannot write to {self.out}: {error.strerror or error}") from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        self.mark(index, digest, rows)
        return rows

    def forget(self, index: int) -> None:
        """Let a shard be done again."""
        self.marker(index).unlink(missing_ok=True)


def _done_row(raw: dict[str, Any]) -> Row:
    return Row(**{**raw, "outputs": tuple(raw["outputs"]), "notices": tuple(raw.get("notices", ()))})


def _shard(line: bytes) -> Shard:
    raw = json.loads(line)
    return Shard(
        raw["index"],
        tuple(Source(**{**source, "others": tuple(source.get("others", ()))}) for source in raw["sources"]),
    )
