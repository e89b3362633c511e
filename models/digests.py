"""SHA-256 of model files, remembered by path, size and time of change.

Hashing two gigabytes at every start would cost seconds, so a digest that has been computed is kept in the
user's cache and believed as long as the file's size and time of change in nanoseconds are what they were.
`dragoman models verify` never believes it.
"""

import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path

from dragoman.errors import OutputError
from dragoman.files import write_text

RECORD = "dragoman.json"  # written beside fetched files: what was fetched, from where, with which hashes
_MEMO = "digests.json"
_LOG = logging.getLogger(__name__)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 hex digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def recorded(folder: Path) -> dict[str, str]:
    """Return the digests that were written down when the folder was fetched, {} when it was not."""
    try:
        files = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return {str(name): str(sha256) for name, sha256 in files.items()}


def remembered(folder: Path, files: Iterable[str], cache: Path) -> dict[str, str]:
    """Return the digest of each file, computed only where the memory in `cache` does not know it.

    A cache that cannot be written is no error: the digests are then computed each time.
    """
    memo_path = cache / _MEMO
    try:
        memo: dict[str, str] = json.loads(memo_path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        memo = {}
    result: dict[str, str] = {}
    is_new = False
    for name in files:
        path = (folder / name).resolve()
        status = path.stat()
        key = f"{path}:{status.st_size}:{status.st_mtime_ns}"
        if key not in memo:
            memo[key] = sha256_of(path)
            is_new = True
        result[name] = memo[key]
    if is_new:
        # Only the newest few hundred are worth keeping; a dict keeps the order in which they came.
        kept = dict(list(memo.items())[-500:])
        try:
            write_text(memo_path, json.dumps(kept, indent=0, ensure_ascii=False))
        except OutputError as error:
            _LOG.debug("digests are not remembered: %s", error)
    return result
