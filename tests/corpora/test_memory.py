"""The translation memory: who wins, what is found again and what is not, readers beside a writer."""

import multiprocessing
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from dragoman.corpora.fuzzy import index_words
from dragoman.corpora.memory import Memory, engine_key
from dragoman.corpora.normalisation import matching_key
from dragoman.errors import FormatError, InputError
from dragoman.units import TranslationUnit

ENGINE = engine_key(model="abc", backend="ctranslate2 4.8 int8", decoding={"beam": 4})
OTHER = engine_key(model="abc", backend="ctranslate2 4.8 int8", decoding={"beam": 1})


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def unit(src: str, tgt: str, origin: str = "human") -> TranslationUnit:
    return TranslationUnit(src, tgt, origin=origin)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "m.tm") as opened:
        yield opened


def target(memory: Memory, src: str, engine: str | None = None) -> str | None:
    found = memory.lookup(src, engine=engine)
    return None if found is None else found.tgt


def test_a_persons_translation_comes_before_an_aligned_one_and_both_before_a_models(memory: Memory) -> None:
    memory.add([unit("نعم", "model", "mt")], engine=ENGINE, changed=day(9))
    assert target(memory, "نعم", ENGINE) == "model"
    memory.add([unit("نعم", "aligned", "aligned")], changed=day(8))
    assert target(memory, "نعم", ENGINE) == "aligned"
    memory.add([unit("نعم", "person")], changed=day(1))
    assert target(memory, "نعم", ENGINE) == "person"
    assert memory.lookup("نعم") == unit("نعم", "person")


def test_a_models_translation_is_found_under_its_own_key_only(memory: Memory) -> None:
    memory.add([unit("نعم", "yes", "mt")], engine=ENGINE)
    assert target(memory, "نعم", ENGINE) == "yes"
    assert target(memory, "نعم", OTHER) is None
    assert target(memory, "نعم") is None


def test_every_part_of_the_engine_changes_its_key() -> None:
    keys = {
        engine_key(model=model, backend=backend, decoding={"beam": beam}, normaliser=version)
        for model in "ab"
        for backend in "cd"
        for beam in (1, 4)
        for version in (1, 2)
    }
    assert len(keys) == 16


def test_of_two_translations_of_a_person_the_later_wins_whatever_the_order_of_import(memory: Memory) -> None:
    memory.add([unit("نعم", "new")], changed=day(5))
    memory.add([unit("نعم", "old")], changed=day(2))
    assert target(memory, "نعم") == "new"
    added = memory.add([unit("نعم", "old")], changed=day(7))
    assert (added.n_new, added.n_known) == (0, 1)
    assert target(memory, "نعم") == "old"


def test_a_new_translation_of_the_same_engine_replaces_its_old_one(memory: Memory) -> None:
    memory.add([unit("نعم", "yes", "mt")], engine=ENGINE)
    memory.add([unit("نعم", "aye", "mt")], engine=ENGINE)
    assert target(memory, "نعم", ENGINE) == "aye"
    assert memory.stats().n_mt == 1


def test_copies_empty_sides_and_unconfirmed_machine_translation_are_left_out(memory: Memory) -> None:
    units = [
        unit("12", "12", "copy"),
        unit("نعم", ""),
        unit("", "yes"),
        unit("لا", "no", "mt"),
        unit("ا", "a", "tm"),
    ]
    added = memory.add(units)
    assert (added.n_new, added.n_skipped) == (0, 5)


def test_spelling_variants_of_one_text_are_the_same_source(memory: Memory) -> None:
    memory.add([unit("قال  الوزيـر\u200f نعم", "said")])
    assert target(memory, "قال الوزير نعم ") == "said"
    assert target(memory, "قال الوزير نعم!") is None


def test_fuzzy_matches_are_ranked_and_machine_translation_is_none(memory: Memory) -> None:
    memory.add(
        [
            unit("وصل الوزير إلى العاصمة مساء الأحد", "arrived Sunday"),
            unit("وصل الوزير إلى العاصمة مساء السبت بعد الظهر", "arrived Saturday"),
            unit("لا علاقة لهذه الجملة بما سبق", "unrelated"),
        ]
    )
    memory.add([unit("وصل الوزير إلى العاصمة مساء الاثنين", "model", "mt")], engine=ENGINE)
    matches = memory.fuzzy("وصل الوزير إلى العاصمة مساء الاثنين")
    assert [match.tgt for match in matches] == ["arrived Sunday", "arrived Saturday"]
    assert matches[0].similarity > matches[1].similarity >= 75
    assert matches[0].origin == "human"
    assert memory.fuzzy("وصل الوزير إلى العاصمة مساء الاثنين", threshold=99) == []


def test_fuzzy_look_up_finds_what_comparing_with_every_source_finds(tmp_path: Path) -> None:
    rng = random.Random(5)
    words = ["".join(rng.choices("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", k=rng.randint(3, 8))) for _ in range(600)]
    sources = [
        " ".join(rng.choices(words[: rng.choice((40, 600))], k=rng.randint(4, 20))) for _ in range(1500)
    ]
    keys = [matching_key(src) for src in sources]
    with Memory(tmp_path / "m.tm") as memory:
        memory.add(unit(src, str(index)) for index, src in enumerate(sources))
        n_wanted = n_found = 0
        for src in rng.sample(sources, 40):
            changed = src.split()
            changed[rng.randrange(len(changed))] = "مختلف"
            query = " ".join(changed)
            best = max(fuzz.ratio(matching_key(query), key) for key in keys)  # the slow way
            if best >= 75:
                n_wanted += 1
                found = memory.fuzzy(query, limit=1)
                n_found += bool(found) and abs(found[0].similarity - best) < 1e-6
    assert n_wanted > 20
    assert n_found == n_wanted


@given(st.text(max_size=60))
def test_any_text_can_be_indexed_and_looked_for(text: str) -> None:
    assert all(len(word) <= 6 for word in index_words(matching_key(text)))
    with Memory(Path(":memory:")) as memory:
        memory.add([unit(text, "x")])
        memory.fuzzy(text)
        memory.lookup(text)


def test_merging_adds_everything_with_its_date_and_twice_is_once(tmp_path: Path, memory: Memory) -> None:
    memory.add([unit("نعم", "mine")], changed=day(3))
    with Memory(tmp_path / "other.tm") as other:
        other.add([unit("نعم", "older")], changed=day(1))
        other.add([unit("لا", "no", "aligned")], changed=day(2))
        other.add([unit("ربما", "maybe", "mt")], engine=ENGINE, changed=day(2))
        assert memory.merge(other).n_new == 3
        assert memory.merge(other).n_new == 0
    assert target(memory, "نعم") == "mine"
    assert target(memory, "لا") == "no"
    assert target(memory, "ربما", ENGINE) == "maybe"
    assert [found.tgt for found in memory.units()] == ["older", "mine", "no"]


def test_language_pairs_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "m.tm"
    with Memory(path) as english, Memory(path, tgt_lang="fr-FR") as french:
        english.add([unit("نعم", "yes")])
        french.add([unit("نعم", "oui")])
        assert (target(english, "نعم"), target(french, "نعم")) == ("yes", "oui")
        assert [match.tgt for match in french.fuzzy("نعم")] == ["oui"]
        assert english.stats().pairs == ("ar-en", "ar-fr")


def _write(path: str, first: int) -> None:
    with Memory(Path(path)) as memory:
        for index in range(first, first + 20):
            memory.add([unit(f"جملة رقم {index}", str(index))])


def test_two_writers_and_a_reader_work_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "m.tm"
    with Memory(path) as reader:
        context = multiprocessing.get_context("spawn")
        writers = [context.Process(target=_write, args=(str(path), first)) for first in (0, 100)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            reader.lookup("جملة رقم 7")
            reader.fuzzy("جملة رقم 107")
        for writer in writers:
            writer.join()
            assert writer.exitcode == 0
        assert reader.stats().n_human == 40
        assert target(reader, "جملة رقم 119") == "119"


def test_a_failed_batch_leaves_the_memory_as_it_was(memory: Memory) -> None:
    def units() -> Iterator[TranslationUnit]:
        yield unit("نعم", "yes")
        raise RuntimeError("the source of the units broke")

    with pytest.raises(RuntimeError):
        memory.add(units())
    assert memory.stats().n_sources == 0


def test_what_is_no_memory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no translation memory"):
        Memory(tmp_path / "none.tm", must_exist=True)
    (tmp_path / "text").write_text("not a database " * 100, encoding="utf-8")
    with pytest.raises(FormatError, match="not a translation memory"):
        Memory(tmp_path / "text")
    foreign = sqlite3.connect(tmp_path / "foreign.db")
    foreign.execute("CREATE TABLE t(x)")
    foreign.close()
    with pytest.raises(FormatError, match="another program"):
        Memory(tmp_path / "foreign.db")
