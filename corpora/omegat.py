"""A project folder for OmegaT: the sources, the machine translations as tm/mt, the memory, the project file.

OmegaT shows matches from tm/mt in another colour and never inserts them unasked; translations of people go to
tm/. Documents of a kind that OmegaT has no filter for (Markdown, WebVTT, tables, TMX, XLIFF 2) are given to
it as XLIFF 1.2.
"""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePosixPath

from dragoman.corpora.tmx import write_tmx
from dragoman.corpora.xliff import write_xliff
from dragoman.errors import OutputError
from dragoman.files import atomic_binary, write_text
from dragoman.units import Bitext, TranslationUnit

_PROJECT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<omegat>
  <project version="1.0">
    <source_dir>__DEFAULT__</source_dir>
    <source_dir_excludes>
      <mask>**/.svn/**</mask>
      <mask>**/.git/**</mask>
      <mask>**/.DS_Store</mask>
    </source_dir_excludes>
    <target_dir>__DEFAULT__</target_dir>
    <tm_dir>__DEFAULT__</tm_dir>
    <glossary_dir>__DEFAULT__</glossary_dir>
    <glossary_file>__DEFAULT__</glossary_file>
    <dictionary_dir>__DEFAULT__</dictionary_dir>
    <source_lang>{src_lang}</source_lang>
    <target_lang>{tgt_lang}</target_lang>
    <source_tok>org.omegat.tokenizer.LuceneArabicTokenizer</source_tok>
    <target_tok>org.omegat.tokenizer.LuceneEnglishTokenizer</target_tok>
    <sentence_seg>true</sentence_seg>
    <support_default_translations>true</support_default_translations>
    <remove_tags>false</remove_tags>
  </project>
</omegat>
"""
# Kinds of files that OmegaT has a filter for without plug-ins.
_NATIVE = frozenset({".txt", ".html", ".htm", ".xhtml", ".docx", ".srt", ".po", ".pot", ".xlf", ".xliff"})
_XLIFF = frozenset({".xlf", ".xliff"})
_VERSION_2 = re.compile(rb"<xliff\b[^>]*\bversion\s*=\s*[\"']2")
_HEAD_BYTES = 4096
_FOLDERS = ("source", "target", "tm/mt", "tm/auto", "glossary", "dictionary", "omegat")


def source_file(name: str, data: bytes, bitext: Bitext) -> tuple[str, bytes]:
    """Return a document as OmegaT can read it: its path below source/ and its content.

    Args:
        name: the document's path.
        data: the document; a text in UTF-8.
        bitext: its units, for documents that are given as XLIFF.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _NATIVE and not (suffix in _XLIFF and _VERSION_2.search(data[:_HEAD_BYTES])):
        return name, data
    if suffix == ".text":
        return f"{name}.txt", data
    units = [replace(unit, tgt="", origin="", model="", score=None, flags=()) for unit in bitext.units]
    stream = io.BytesIO()
    write_xliff(replace(bitext, units=units), stream, original=name)
    return f"{name}.xlf", stream.getvalue()


def write_project(
    folder: Path,
    *,
    sources: Mapping[str, bytes] | None = None,
    machine: Iterable[TranslationUnit],
    human: Iterable[TranslationUnit] = (),
    terms: Mapping[str, str] | None = None,
    src_lang: str = "ar",
    tgt_lang: str = "en",
    update: bool = False,
) -> None:
    """Write a project that OmegaT opens.

    Args:
        folder: is made; must not hold a project yet, unless `update`.
        sources: the documents to translate, by their path below source/; None when they are there already.
        machine: machine translations, for tm/mt/; consumed.
        human: translations of people, for tm/; consumed.
        terms: source term → target term, for glossary/.
        src_lang: source language.
        tgt_lang: target language.
        update: go on with a project: its settings and the translator's work stay, what is the same is left
            alone.

    Raises:
        OutputError: the folder holds a project, a source leaves the folder, or it cannot be written.
    """
    settings = folder / "omegat.project"
    if settings.exists() and not update:
        raise OutputError(f"{folder} holds an OmegaT project already; choose another folder")
    try:
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    for name, data in (sources or {}).items():
        path = folder / "source" / name
        if not path.resolve().is_relative_to((folder / "source").resolve()):
            raise OutputError(f"{name} would be written outside the project")
        with atomic_binary(path, keep_equal=True) as stream:
            stream.write(data)
    languages = Bitext((), src_lang, tgt_lang)
    with atomic_binary(folder / "tm" / "mt" / "dragoman.tmx", keep_equal=True) as stream:
        write_tmx(languages, stream, units=machine)
    people = iter(human)
    if (first := next(people, None)) is not None:
        with atomic_binary(folder / "tm" / "memory.tmx", keep_equal=True) as stream:
            write_tmx(languages, stream, units=chain([first], people))
    if terms:
        rows = [f"{_cell(src)}\t{_cell(tgt)}\n" for src, tgt in terms.items()]
        write_text(folder / "glossary" / "glossary.txt", "".join(rows), keep_equal=True)
    # Last, so that a folder with a project file is whole.
    if not settings.exists():
        write_text(settings, _PROJECT.format(src_lang=src_lang.upper(), tgt_lang=tgt_lang.upper()))


def _cell(text: str) -> str:
    return " ".join(text.split())
