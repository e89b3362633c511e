"""Glossaries: reading them, finding terms behind Arabic prefixes, judging translations."""

from pathlib import Path

import pytest

from dragoman.errors import FormatError, InputError
from dragoman.translate.glossary import Glossary, Term, read_glossary

COUNCIL = Term("مجلس الأمن", ("Security Council",))
SECURITY = Term("الأمن", ("security",))


def test_terms_are_found_behind_prefixes_in_other_spellings_and_not_inside_words() -> None:
    glossary = Glossary((Term("مدرسة", ("school",)), Term("NATO", ("NATO",))))
    found = [term.src for term in glossary.terms_in("وبالمدرسه التابعة لحلف NATO")]
    assert sorted(found) == ["NATO", "مدرسة"]
    assert glossary.terms_in("مدرستان") == []


def test_a_term_inside_a_longer_term_does_not_count() -> None:
    glossary = Glossary((SECURITY, COUNCIL))
    assert glossary.terms_in("اجتمع مجلس الأمن") == [COUNCIL]
    assert glossary.terms_in("اجتمع مجلس الأمن لبحث الأمن") == [COUNCIL, SECURITY]


def test_plurals_and_case_are_accepted_and_kept_terms_counted() -> None:
    glossary = Glossary((Term("لجنة", ("committee", "panel")), COUNCIL))
    assert glossary.kept("لجنة في مجلس الأمن", "Committees of the security council") == (2, 2)
    assert glossary.kept("لجنة في مجلس الأمن", "The panel of the board") == (1, 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("g.csv", "source,target\nمجلس الأمن,Security Council\nNATO,\n"),
        ("g.tsv", "مجلس الأمن\tSecurity Council\nNATO\n"),
        ("g.csv", "\ufeffمجلس الأمن;Security Council\nNATO;NATO\n"),
        (
            "g.tbx",
            "<martif><text><body><termEntry><langSet xml:lang='ar'><tig><term>مجلس الأمن</term></tig>"
            "</langSet><langSet xml:lang='en'><tig><term>Security Council</term></tig></langSet></termEntry>"
            "<termEntry><langSet xml:lang='ar'><tig><term>NATO</term></tig></langSet></termEntry>"
            "</body></text></martif>",
        ),
    ],
)
def test_csv_tsv_and_tbx_are_read_and_an_empty_target_means_leave_it(
    name: str, content: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert list(read_glossary(path).terms) == [COUNCIL, Term("NATO", ("NATO",))]


def test_broken_glossaries_are_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text("a,b\n,c\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"g\.csv:2"):
        read_glossary(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError, match="UTF-8"):
        read_glossary(path)
    with pytest.raises(InputError, match="cannot read"):
        read_glossary(tmp_path / "none.csv")
