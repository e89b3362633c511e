"""Test sets by name: where they come from, under which licence, and where they lie on this machine.

Nothing is fetched unless it is asked for: a set is used where its files have been placed, by `get` or by
hand, in `ROOT/NAME/`. ROOT is the folder named by the environment variable DRAGOMAN_TESTSETS, or the user's
data folder. A folder there that the table does not know is a local test set when it holds `src.txt` and
`ref.txt` (and `ref2.txt` …).
"""

import hashlib
import html
import io
import json
import os
import re
import tarfile
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from dragoman.errors import FormatError, InputError
from dragoman.files import atomic_binary, write_text

Fetch = Callable[[str], bytes]

_SEGMENT = re.compile(r"<seg\b[^>]*>(.*?)</seg>", re.DOTALL)
_SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class TestFile:
    """One file of a test set.

    Attributes:
        role: "src", "ref", "ref2" …
        path: name in the set's folder, as its publisher names it.
        url: where it is fetched from.
        member: path inside the archive at `url`, "" when `url` is the file.
        form: "text", "seg-xml" or "jsonl:FIELD".
        sha256: digest of the file, "" when none has been verified.
    """

    __test__ = False  # not a test case, whatever its name begins with

    role: str
    path: str
    url: str = ""
    member: str = ""
    form: str = "text"
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class TestSet:
    """A test set.

    Attributes:
        name: how it is called here.
        title: for people.
        licence: SPDX identifier where there is one.
        home: page of its publisher.
        src_lang: BCP 47 code.
        tgt_lang: BCP 47 code.
        segments: how many it has, 0 when not verified.
        files: at least a source and a reference.
        folder: where its files lie or would lie.
    """

    __test__ = False

    name: str
    title: str
    licence: str
    home: str
    src_lang: str
    tgt_lang: str
    segments: int
    files: tuple[TestFile, ...]
    folder: Path

    @property
    def is_present(self) -> bool:
        """All files lie in the folder."""
        return all((self.folder / file.path).is_file() for file in self.files)


def root() -> Path:
    """Folder under which test sets lie."""
    named = os.environ.get("DRAGOMAN_TESTSETS")
    return Path(named) if named else Path(platformdirs.user_data_dir("dragoman")) / "testsets"


def known_testsets() -> list[TestSet]:
    """All test sets of the table, then the local ones, by name."""
    table = tomllib.loads((Path(__file__).parent / "testsets.toml").read_text(encoding="utf-8"))
    found = {entry["name"]: _from_table(entry) for entry in table["testset"]}
    return [*found.values(), *(local for local in _local() if local.name not in found)]


def find_testset(name: str) -> TestSet:
    """Return the test set of that name.

    Raises:
        InputError: there is none.
    """
    sets = known_testsets()
    for testset in sets:
        if testset.name == name:
            return testset
    raise InputError(f"no test set {name!r}: known are {', '.join(t.name for t in sets)}")


def path_of(name: str, role: str) -> Path:
    """Return the text file, a segment a line, of one side of a test set that is on this machine.

    Files in another form are turned into text once, beside themselves.

    Raises:
        InputError: the set has no such side, is not here, or its file is not the one it should be.
    """
    testset = find_testset(name)
    file = next((file for file in testset.files if file.role == role), None)
    if file is None:
        raise InputError(f"{name} has no {role}: it has {', '.join(f.role for f in testset.files)}")
    path = testset.folder / file.path
    if not path.is_file():
        raise InputError(
            f"{name} is not on this machine: run `dragoman testsets get {name}`, or place {file.path} "
            f"(from {file.url or testset.home}) in {testset.folder}"
        )
    data = path.read_bytes()
    _verify(testset, file, data)
    if file.form == "text":
        return path
    plain = testset.folder / f"{role}.extracted.txt"
    write_text(plain, "".join(f"{line}\n" for line in _lines(file, data)))
    return plain


def get(name: str, *, source: Path | None = None, fetch: Fetch | None = None) -> list[Path]:
    """Put a test set's files into its folder.

    Args:
        name: of the set.
        source: folder or tar archive that holds the files already (offline); fetched from their publisher
            when None.
        fetch: how bytes are fetched.

    Returns:
        The files' paths.

    Raises:
        InputError: a file is not there, cannot be fetched or has another digest than the table says.
    """
    testset = find_testset(name)
    get_bytes = fetch or _fetch
    fetched: dict[str, bytes] = {}
    written = []
    for file in testset.files:
        path = testset.folder / file.path
        if path in written:
            continue
        if source is not None:
            data = _from_source(source, file)
        elif not file.url:
            raise InputError(f"{name}: no address for {file.path}: place it in {testset.folder}")
        else:
            if file.url not in fetched:
                fetched[file.url] = get_bytes(file.url)
            data = _member(fetched[file.url], file) if file.member else fetched[file.url]
        _verify(testset, file, data)
        with atomic_binary(path) as stream:
            stream.write(data)
        written.append(path)
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in written]
    write_text(testset.folder / _SUMS, "".join(sums))
    return written


def _from_table(entry: Mapping[str, object]) -> TestSet:
    base = str(entry["url"])
    files = []
    given = entry["files"]
    assert isinstance(given, list)
    for item in given:
        url = str(item.get("url", base))
        if url.endswith("/"):
            url += str(item["path"])
        files.append(
            TestFile(
                role=item["role"],
                path=item["path"],
                url=url,
                member=item.get("member", ""),
                form=item.get("form", "text"),
                sha256=item.get("sha256", ""),
            )
        )
    segments = entry["segments"]
    assert isinstance(segments, int)
    name = str(entry["name"])
    return TestSet(
        name=name,
        title=str(entry["title"]),
        licence=str(entry["licence"]),
        home=str(entry["home"]),
        src_lang=str(entry["src_lang"]),
        tgt_lang=str(entry["tgt_lang"]),
        segments=segments,
        files=tuple(files),
        folder=root() / name,
    )


def _local() -> Iterator[TestSet]:
    """Folders that hold src.txt and ref.txt."""
    base = root()
    for folder in sorted(base.iterdir()) if base.is_dir() else []:
        if not (folder / "src.txt").is_file() or not (folder / "ref.txt").is_file():
            continue
        names = ["src", *sorted(path.stem for path in folder.glob("ref*.txt"))]
        licence = next((path.name for path in folder.glob("LICEN[CS]E*")), "")
        yield TestSet(
            name=folder.name,
            title="local folder",
            licence=f"see {licence}" if licence else "unknown",
            home="",
            src_lang="ar",
            tgt_lang="en",
            segments=0,
            files=tuple(TestFile(role=name, path=f"{name}.txt") for name in names),
            folder=folder,
        )


def _verify(testset: TestSet, file: TestFile, data: bytes) -> None:
    """Hold a file against its digest in the table, or against what was recorded when it came."""
    expected = file.sha256 or _recorded(testset.folder, file.path)
    found = hashlib.sha256(data).hexdigest()
    if expected and found != expected:
        raise InputError(
            f"{testset.name}: {file.path} has sha256 {found}, expected {expected}: "
            "it was changed, or is another version"
        )


def _recorded(folder: Path, name: str) -> str:
    sums = folder / _SUMS
    if sums.is_file():
        for line in sums.read_text(encoding="utf-8").split("\n"):
            digest, _, listed = line.partition("  ")
            if listed == name:
                return digest
    return ""


def _from_source(source: Path, file: TestFile) -> bytes:
    if source.is_file():
        return _member(source.read_bytes(), file)
    for candidate in (source / file.path, source / file.member if file.member else source / file.path):
        if candidate.is_file():
            return candidate.read_bytes()
    raise InputError(f"{source} holds no {file.path}")


def _member(archive: bytes, file: TestFile) -> bytes:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            stream = tar.extractfile(file.member or file.path)
            if stream is None:
                raise KeyError(file.member)
            return stream.read()
    except (tarfile.TarError, KeyError) as error:
        raise InputError(f"the archive holds no {file.member or file.path} ({error})") from None


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            data = response.read()
    except (urllib.error.URLError, OSError) as error:
        raise InputError(
            f"cannot fetch {url}: {error}; fetch it elsewhere and give the file with --from"
        ) from None
    assert isinstance(data, bytes)
    return data


def _lines(file: TestFile, data: bytes) -> list[str]:
    text = data.decode("utf-8")
    if file.form == "seg-xml":
        return [" ".join(html.unescape(segment).split()) for segment in _SEGMENT.findall(text)]
    kind, _, field = file.form.partition(":")
    if kind != "jsonl":
        raise FormatError(f"{file.path}: unknown form {file.form}")
    records = [json.loads(line) for line in text.split("\n") if line.strip()]
    # WMT24++ marks sources that its makers advise against.
    return [" ".join(str(r[field]).split()) for r in records if not r.get("is_bad_source", False)]
