"""Finding a memory's sources that are like a given text: rare words first, then edit similarity.

Two texts of at least 75% similarity share most of their words, so the candidates are those that share the
most of the text's rare words, weighted by inverse document frequency. An inverted index (SQLite FTS5, words
only, no positions) gives them; RapidFuzz compares the best 200. Similarity is 100 · (1 − d / (m + n)), with d
the insertions and deletions that turn one text's `matching_key` into the other's.
"""

import math
import re
import sqlite3
from collections.abc import Sequence

from rapidfuzz import fuzz, process

DEFAULT_THRESHOLD = 75.0  # per cent; below it CAT tools show no match by convention
_STEM = 6  # letters
_PREFIX = re.compile("^(?:[وف])?(?:[بكل])?(?:ال|ل(?=ل))?(?=\\w{3})")
_WORD = re.compile(r"\w+")
_MAX_POSTINGS = 20_000  # rows read for one look-up; 5,000 found the same on a corpus of 100,000
_MAX_WORDS = 16
_MAX_CANDIDATES = 200
SCHEMA = """
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    text, content='', columnsize=0, detail=none, tokenize="unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE IF NOT EXISTS word_counts USING fts5vocab(words, 'row');
"""


def index_words(key: str) -> list[str]:
    """Return the words by which a text is indexed: without Arabic prefixes, cut to six letters, each once.

    Args:
        key: the text's `matching_key`.

    >>> index_words("وقال الوزير للصحفيين")
    ['قال', 'وزير', 'صحفيين']
    """
    return list(dict.fromkeys(_PREFIX.sub("", word)[:_STEM] for word in _WORD.findall(key)))


def add_to_index(connection: sqlite3.Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Index sources: (row id, matching key)."""
    connection.executemany(
        "INSERT INTO words(rowid, text) VALUES (?, ?)",
        [(row_id, " ".join(index_words(key))) for row_id, key in rows],
    )


class FuzzyIndex:
    """Candidates and similarities over an open memory; keeps the words' counts it has seen."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._counts: dict[str, int] = {}

    def search(self, key: str, *, threshold: float, limit: int) -> list[tuple[int, float]]:
        """Return (source row id, similarity) of the most similar sources, best first.

        Args:
            key: `matching_key` of the text.
            threshold: least similarity, in per cent.
            limit: most results.
        """
        candidates = self._candidates(key)
        if not candidates:
            return []
        marks = ",".join("?" * len(candidates))
        rows = self._connection.execute(
            f"SELECT id, key FROM sources WHERE id IN ({marks})", candidates
        ).fetchall()
        ids = [row[0] for row in rows]
        found = process.extract(
            key, [row[1] for row in rows], scorer=fuzz.ratio, score_cutoff=threshold, limit=limit
        )
        return [(ids[position], similarity) for _, similarity, position in found]

    def forget_counts(self) -> None:
        """Drop the cached word counts, after the memory has grown."""
        self._counts.clear()

    def _candidates(self, key: str) -> list[int]:
        """Return the row ids that share the most weight of rare words."""
        counted = sorted((n, word) for word in index_words(key) if (n := self._count(word)))
        chosen: list[tuple[int, str]] = []
        n_postings = 0
        for n, word in counted[:_MAX_WORDS]:
            if chosen and n_postings + n > _MAX_POSTINGS:
                break
            chosen.append((n, word))
            n_postings += n
        if not chosen:
            return []
        total = 1 + max(n for n, _ in counted)
        votes = " UNION ALL ".join(
            "SELECT rowid AS id, ? AS weight FROM words WHERE words MATCH ?" for _ in chosen
        )
        parameters: list[object] = []
        for n, word in chosen:
            parameters += [1 + math.log(total / n), f'"{word}"']
        query = f"SELECT id FROM ({votes}) GROUP BY id ORDER BY sum(weight) DESC, id LIMIT {_MAX_CANDIDATES}"
        return [row[0] for row in self._connection.execute(query, parameters)]

    def _count(self, word: str) -> int:
        """Return in how many sources a word is."""
        if word not in self._counts:
            row = self._connection.execute("SELECT doc FROM word_counts WHERE term = ?", (word,)).fetchone()
            self._counts[word] = row[0] if row else 0
        return self._counts[word]
