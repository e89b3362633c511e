"""A project folder for OmegaT: the sources, the machine translations as tm/mt, the memory, the project file.

OmegaT shows matches from tm/mt in another colour and never inserts them unasked; translations of people go to
tm/.
"""

from collections.abc import Mapping
from pathlib import Path

from dragoman.corpora.tmx import write_tmx
from dragoman.errors import OutputError
from dragoman.files import atomic_binary, write_text
from dragoman.units import Bitext

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
_FOLDERS = ("source", "target", "tm/mt", "tm/auto", "glossary", "dictionary", "omegat")


def write_project(
    folder: Path,
    *,
    sources: Mapping[str, bytes],
    machine: Bitext,
    human: Bitext | None = None,
    terms: Mapping[str, str] | None = None,
) -> None:
    """Write a project that OmegaT opens.

    Args:
        folder: is made; must not hold a project yet.
        sources: the documents to translate, by their path below source/.
        machine: machine translations, for tm/mt/.
        human: translations of people, for tm/.
        terms: source term → target term, for glossary/.

    Raises:
        OutputError: the folder holds a project, a source leaves the folder, or it cannot be written.
    """
    if (folder / "omegat.project").exists():
        raise OutputError(f"{folder} holds an OmegaT project already; choose another folder")
    try:
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    for name, data in sources.items():
        path = folder / "source" / name
        if not path.resolve().is_relative_to((folder / "source").resolve()):
            raise OutputError(f"{name} would be written outside the project")
        with atomic_binary(path) as stream:
            stream.write(data)
    with atomic_binary(folder / "tm" / "mt" / "dragoman.tmx") as stream:
        write_tmx(machine, stream)
    if human is not None and human.units:
        with atomic_binary(folder / "tm" / "memory.tmx") as stream:
            write_tmx(human, stream)
    if terms:
        rows = [f"{_cell(src)}\t{_cell(tgt)}\n" for src, tgt in terms.items()]
        write_text(folder / "glossary" / "glossary.txt", "".join(rows))
    # Last, so that a folder with a project file is whole.
    project = _PROJECT.format(src_lang=machine.src_lang.upper(), tgt_lang=machine.tgt_lang.upper())
    write_text(folder / "omegat.project", project)


def _cell(text: str) -> str:
    return " ".join(text.split())
