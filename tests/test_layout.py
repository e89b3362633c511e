"""The promises of docs/decisions/0001-layout.md and of the public face."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dragoman

ROOT = Path(__file__).parents[1]
FOLDERS = ("corpora", "eval", "models", "translate")


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return done.stdout.strip()


def test_every_package_is_listed_for_the_build() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    found = {"dragoman", "dragoman.cli"}
    for folder in FOLDERS:
        for init in (ROOT / folder).rglob("__init__.py"):
            found.add(".".join(("dragoman", *init.parent.relative_to(ROOT).parts)))
    assert listed == found


def test_every_data_file_is_named_for_the_build() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    setuptools = project["tool"]["setuptools"]
    shipped = {
        path
        for package, patterns in setuptools["package-data"].items()
        for pattern in patterns
        for path in (ROOT / setuptools["package-dir"][package]).glob(pattern)
    }
    found = {
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and path.parent.name != "authored"
    }
    assert found - shipped == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_links_show_the_folders_as_sub_packages(folder: str) -> None:
    link = ROOT / "dragoman" / folder
    assert link.is_symlink()
    assert link.readlink() == Path("..") / folder


def test_the_public_face_is_these_functions() -> None:
    assert sorted(dragoman.__all__) == ["align", "align_corpus", "read", "score", "segment", "translate"]
    for name in dragoman.__all__:
        assert callable(getattr(dragoman, name)), name


def test_the_function_translate_is_not_hidden_by_its_package() -> None:
    code = "import dragoman.translate.bypass; from dragoman import translate; print(type(translate).__name__)"
    assert _python(code) == "function"


def test_importing_dragoman_loads_nothing_heavy() -> None:
    code = "import dragoman, sys; print([m for m in ('torch', 'numpy', 'lxml') if m in sys.modules])"
    assert _python(code) == "[]"


def test_importing_the_aligner_loads_no_model_library() -> None:
    code = (
        "from dragoman import align; import sys;"
        "print([m for m in ('torch', 'transformers', 'ctranslate2', 'sentencepiece') if m in sys.modules])"
    )
    assert _python(code) == "[]"


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = dragoman.nonsense
