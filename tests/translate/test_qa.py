"""Quality flags: planted faults are found, good translations are left alone."""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from dragoman.translate.glossary import Glossary, Term
from dragoman.translate.qa import check, check_bitext, checked, risk_of
from dragoman.units import Bitext, Flag, Hypothesis, Severity, TranslationUnit

FIXTURES = Path(__file__).parents[1] / "fixtures" / "qa"
BENCH = os.environ.get("DRAGOMAN_BENCH")
SHARED = Path(BENCH).parent if BENCH else Path(__file__).parents[2].parent / "shared"
AUTHORED = SHARED / "parallel" / "authored" / "train"


def kinds(src: str, tgt: str, **options: object) -> set[str]:
    return {flag.kind for flag in check(src, tgt, **options)}  # type: ignore[arg-type]  # passed through


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (FIXTURES / name).read_text(encoding="utf-8").split("\n") if line]


def test_at_least_19_of_20_planted_errors_of_each_kind_are_found() -> None:
    planted, found = Counter[str](), Counter[str]()
    for kind, src, tgt in rows("faults.tsv"):
        planted[kind] += 1
        found[kind] += any(flag.kind == kind and flag.severity is Severity.ERROR for flag in check(src, tgt))
    assert min(planted.values()) >= 20
    recall = {kind: found[kind] / planted[kind] for kind in planted}
    assert min(recall.values()) >= 0.95, recall


@pytest.mark.parametrize(("src", "tgt"), [(src, tgt) for src, tgt in rows("good.tsv")])
def test_the_good_versions_of_the_planted_faults_have_no_flag(src: str, tgt: str) -> None:
    assert check(src, tgt) == ()


def _authored_pairs() -> Iterator[tuple[str, str]]:
    for path in sorted(AUTHORED.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            src, tab, tgt = line.partition("\t")
            if tab:
                yield src, tgt


@pytest.mark.skipif(not AUTHORED.is_dir(), reason="the authored corpus is not there")
def test_good_reference_pairs_are_seldom_flagged() -> None:
    pairs = list(islice(_authored_pairs(), 0, None, 4))[:1000]
    assert len(pairs) == 1000
    flags = [check(src, tgt) for src, tgt in pairs]
    n_errors = sum(any(flag.severity is Severity.ERROR for flag in some) for some in flags)
    n_warnings = sum(any(flag.severity is Severity.WARNING for flag in some) for some in flags)
    assert n_errors <= 10
    assert n_warnings <= 50


@pytest.mark.parametrize(
    ("kind", "src", "tgt"),
    [
        (
            "repetition",
            "عاد الوزير إلى العاصمة مساء.",
            "The minister returned to the capital to the capital that evening.",
        ),
        ("repetition", "كان الجو باردا جدا في ذلك اليوم.", "It was very cold cold that day."),
        ("length", "عاد الوزير إلى العاصمة بعد جولة طويلة في الجنوب.", "The minister is back now."),
        ("quotes", "قال «نعم» ثم صمت.", "He said “yes and fell silent."),
        ("quotes", "قال «نعم» ثم صمت.", "He said yes and fell silent."),
        ("brackets", "انضم الاتحاد (يونيو) إلى الخطة.", "The union (June joined the plan."),
        ("end-mark", "هل عاد الوزير؟", "The minister is back."),
        ("name", "أطلقت شركة Nordwind هاتفا جديدا.", "The company launched a new phone."),
        ("negation", "لم يحضر الرئيس الجلسة الأخيرة.", "The president attended the last session."),
        ("negation", "ليس هذا القرار نهائيا.", "This decision is final."),
        ("negation", "لن تشارك النقابة في الإضراب.", "The union will take part in the strike."),
        ("hashtag", "انتشر وسم #صباح_الخير أمس.", "The hashtag good morning spread yesterday."),
    ],
)
def test_what_is_often_wrong_is_a_warning(kind: str, src: str, tgt: str) -> None:
    severities = {flag.kind: flag.severity for flag in check(src, tgt)}
    assert severities.get(kind) is Severity.WARNING, severities


@pytest.mark.parametrize(
    ("src", "tgt"),
    [
        ("ارتفعت بنسبة ٣٫٥٪؟", "Did it rise by 3.5%?"),
        ("قال: «لا بد من الحل».", 'He said: "There must be a solution."'),
        ("بلغت المبيعات ١٬٢٠٠٬٥٠٠ وحدة", "Sales reached 1,200,500 units"),
        ("لا يزال الطريق مغلقا.", "The road remains closed."),
        ("BBC", "BBC"),
        ("١٢", "12"),
        ("", ""),
        ("   ", ""),
        ("يعاني من ألم في الظهر.", "He suffers from back pain."),
        ("افتح C:\\temp\\a.txt الآن.", "Open C:\\temp\\a.txt now."),
        ("نسبة 100٪ صحيحة", "100 percent true"),
        ("ولد في ١٥/١١/١٩٨٢", "Born on 15 November 1982"),
        ("قال ”نعم”.", "He said ”yes”."),
        ("أ) الهدف الأول", "a) The first aim"),
    ],
)
def test_what_is_right_in_another_notation_is_not_flagged(src: str, tgt: str) -> None:
    assert check(src, tgt) == ()


def test_an_empty_or_untranslated_target_has_that_one_flag() -> None:
    assert [flag.kind for flag in check("لم يعد ٣ منهم (أمس).", " ")] == ["empty"]
    assert [flag.kind for flag in check("لم يعد ٣ منهم (أمس).", "لم يعد ٣ منهم (أمس).")] == ["untranslated"]


def test_a_low_probability_is_a_warning_and_known_flags_are_not_given_twice() -> None:
    unsure = Hypothesis("yes", logprob=-9.0, n_tgt_tokens=3)
    assert kinds("نعم", "yes", hypothesis=unsure) == {"low-logprob"}
    assert kinds("نعم", "yes", hypothesis=Hypothesis("yes", logprob=-0.3, n_tgt_tokens=3)) == set()
    known = Hypothesis("", flags=(Flag("empty", Severity.ERROR, "said before"),))
    assert checked("نعم", known) == known


def test_glossary_terms_are_checked() -> None:
    glossary = Glossary((Term("مجلس الأمن", ("Security Council",)),))
    assert kinds("عقد مجلس الأمن جلسة.", "The safety board met.", glossary=glossary) >= {"glossary"}
    assert "glossary" not in kinds("عقد مجلس الأمن جلسة.", "The Security Council met.", glossary=glossary)


def test_a_bitext_is_ranked_by_risk_and_checked_for_consistency() -> None:
    bitext = Bitext(
        (
            TranslationUnit("نعم", "yes", origin="mt", score=-0.1),
            TranslationUnit("لا بأس", "no problem", origin="mt", score=-0.2),
            TranslationUnit("لا بأس", "never mind", origin="mt", score=-0.9),
            TranslationUnit("بلغ العدد ٤٠", "The number was 14", origin="mt", score=-0.1),
            TranslationUnit("غدا", "tomorrow", origin="mt", score=-3.0),
        )
    )
    findings = check_bitext(bitext)
    assert [finding.index for finding in findings] == [3, 4, 2, 1]
    assert findings[0].has_error
    assert findings[2].unit.flags[0].message == "elsewhere translated as “no problem”"


def test_risk_orders_errors_before_warnings_before_doubt() -> None:
    error, warning = (Flag("k", severity, "m") for severity in (Severity.ERROR, Severity.WARNING))
    assert (
        risk_of([error])
        > risk_of([warning], -9.0)
        > risk_of([warning])
        > risk_of([], -0.5)
        > risk_of([])
        == 0
    )
