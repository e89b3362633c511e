import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dragoman.eval.comparison import (
    Breakdown,
    Bucket,
    Comparison,
    Correlation,
    NgramChange,
    NgramDifference,
    PairedResult,
    SystemResult,
)
from dragoman.eval.report import render_comparison
from dragoman.eval.results import (
    BleuDetails,
    ConfidenceInterval,
    Coverage,
    Excluded,
    InputFile,
    MetricScore,
    Mode,
    ScoreReport,
    SegmentRow,
    Share,
)
from dragoman.eval.worddiff import comparison_key, pieces, shared_words, words
from dragoman.units import Flag, Notice, Severity

RLO = "\N{RIGHT-TO-LEFT OVERRIDE}"
ATTACK = '</script><script>window.hacked=1</script>"><img src=x onerror="window.hacked=1">'
N = 45
REFERENCE = "The train number {} left the old station at noon"
HYPOTHESES = (
    "The train {} left the old station at noon",
    "Train number {} went from an old station at midday",
    "A train of {} leaves",
)


def comparison(n_systems: int = 3, n_units: int = N) -> Comparison:
    """Three systems on forty-five units in three documents, injected markup and an override among the texts."""
    coverage = Coverage(n_units, Share(n_units, n_units), (Share(n_units, n_units + 1),))
    systems = []
    for s in range(n_systems):
        rows = []
        for i in range(n_units):
            text = HYPOTHESES[s % 3].format(i) + (ATTACK if i == 4 else f" {RLO}x" if i == 5 else "")
            flags = (
                (Flag("number-missing", Severity.ERROR, f"missing {i} {ATTACK}"),) if (i + s) % 9 == 0 else ()
            )
            # System 1 is far better on unit 7, system 0 on unit 8; else they differ by little.
            chrf = {7: 10.0 + 80 * s, 8: 90.0 - 40 * s}.get(i, 40.0 + i % 10 - s)
            src = f"غادر القطار رقم {i} المحطة القديمة {ATTACK if i == 4 else ''}"
            rows.append(
                SegmentRow(
                    i, f"d{i // 15}", str(i + 1), src, (REFERENCE.format(i),), text, (20.0 + s, chrf), flags
                )
            )
        interval = ConfidenceInterval(30.0 + s, 1.2, 1000, 1)
        bleu = BleuDetails((60.0, 40.0, 30.0, 20.0), 0.98, 400, 410)
        metrics = (
            MetricScore("BLEU", 30.0 + s, "nrefs:1|tok:13a", Mode.SEGMENT, coverage, True, interval, bleu),
            MetricScore("chrF2++", 50.0 - s, "nrefs:1|nw:2", Mode.SEGMENT, coverage, True, interval),
        )
        paired = (
            (PairedResult("BLEU", float(s), 0.2), PairedResult("chrF2++", float(-s), 0.0005)) if s else ()
        )
        report = ScoreReport(f"system {s}", metrics, tuple(rows), data_digest="cd" * 32)
        counts = (("number-missing", "error", 5),)
        settings = (("model", f"model {s} {ATTACK}"),)
        systems.append(SystemResult(f"system {s}", report, paired, (1, s + 1), counts, settings))
    buckets = tuple(
        Bucket(label, 9, tuple(30.0 + s for s in range(n_systems))) for label in ("1–9 words", "10–19 words")
    )
    change = NgramChange("old <b> station", 1, 4, 5, (7,))
    return Comparison(
        title=f"Trains {ATTACK}",
        metric_names=("BLEU", "chrF2++"),
        higher_is_better=(True, True),
        systems=tuple(systems),
        test="bs",
        n_samples=1000,
        breakdowns=(Breakdown("length", "By length", "BLEU", "segments", buckets, "a note"),),
        ngrams=(NgramDifference("system 1", (change,), ()),),
        correlations=(Correlation("system 0", "BLEU", "chrF2++", 0.5, 0.6, n_units),),
        excluded=(Excluded("reference 1", "line 46", "no hypothesis", f"left out {RLO} {ATTACK}"),),
        notices=(Notice("tokenised", "looks tokenised"),),
        inputs=(InputFile("hypothesis", "a.txt", "ef" * 32, n_units),),
        versions=(("sacrebleu", "2.6.0"),),
    )


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("comparison") / "comparison.html"
    path.write_text(render_comparison(comparison()), encoding="utf-8")
    return path


def numbers(seen: Any) -> list[int]:
    return [
        int(n) + 1 for n in seen.page.eval_on_selector_all(".seg", "rows => rows.map((el) => el.dataset.i)")
    ]


def test_everything_of_the_comparison_is_on_the_page_before_any_script_runs(page_path: Path) -> None:
    html = page_path.read_text(encoding="utf-8").split('<script type="application/json"')[0]
    for expected in (
        "system 0", "± 1.2", "p = 0.200", "p &lt; 0.001", "baseline", "Looks tokenised", "By length", "a note",
        "old &lt;b&gt; station", 'href="#seg-8"', "number-missing", "0.980", "0.976", "left out", "no hypothesis",
        "nrefs:1|tok:13a", "ef" * 32, "cd" * 32, "2.6.0", "paired bootstrap", "0.600", "45/46 of reference 1",
    ):  # fmt: skip
        assert expected in html, expected
    assert html.count('class="chart"') == 2 + 1 + 1 + 2


def test_untrusted_text_neither_ends_the_data_nor_reaches_the_page_as_markup(page_path: Path) -> None:
    html = page_path.read_text(encoding="utf-8")
    assert html.count("<script") == 2 and "<img" not in html
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    assert data is not None
    loaded = json.loads(data[1])
    assert loaded["hyps"][0][4] == HYPOTHESES[0].format(4) + ATTACK
    assert loaded["scores"][1][1][7] == 900 and loaded["docs"] == ["d0", "d1", "d2"]


def test_charts_carry_no_style_that_the_policy_forbids_and_no_fixed_text_colour(page_path: Path) -> None:
    charts = re.findall(r"<svg[^>]*class=\"chart\".*?</svg>", page_path.read_text(encoding="utf-8"), re.S)
    for chart in charts:
        assert "style" not in chart and "<metadata" not in chart and "#000" not in chart
        assert "var(--ink)" in chart and "aria-label=" in chart


def test_one_system_alone_makes_a_page() -> None:
    alone = comparison(1)
    html = render_comparison(replace(alone, test="", ngrams=(), breakdowns=(), excluded=(), correlations=()))
    assert "Head to head" not in html and "Every segment of every file is scored." in html


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_quiet_fits_its_window_and_reads_well(
    visit: Any, page_path: Path, width: int, dark: bool
) -> None:
    with visit(page_path, width=width, dark=dark) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert seen.contrast_faults() == []
        assert seen.structure_faults() == []
        assert seen.axe_faults() == []
        assert seen.page.evaluate("window.hacked") is None
        assert ATTACK in seen.page.inner_text("#seg-5")
        assert seen.page.locator("#seg-6 .ctl[data-c=RLO]").count() == 2
        assert (seen.complaints, seen.requests) == ([], [])


def test_segments_can_be_ordered_filtered_searched_and_paged(visit: Any, page_path: Path) -> None:
    with visit(page_path) as seen:
        page = seen.page
        assert numbers(seen) == list(range(1, 21))
        page.click("#later")
        assert numbers(seen)[0] == 21 and page.inner_text("#where") == "Page 2 of 3"
        page.click("[data-order=different]")
        assert numbers(seen)[:2] == [8, 9]
        page.select_option("#order", "loss")
        assert numbers(seen)[0] == 9
        page.select_option("#filter", "won")
        assert numbers(seen) == [8]
        assert "system 1 80.0 chrF2++ better than system 0" in page.inner_text("#seg-8")
        page.select_option("#filter", "flag:number-missing")
        page.select_option("#order", "input")
        assert numbers(seen) == [i + 1 for i in range(N) if i % 9 == 0 or (i + 1) % 9 == 0]
        page.select_option("#filter", "doc:d2")
        assert numbers(seen) == list(range(31, 46))
        page.select_option("#who", "all")
        assert page.locator("#seg-31 .hyp").count() == 3
        page.fill("#search", "number 33")
        page.get_by_text("1 of 45 segments").wait_for()
        assert numbers(seen) == [34]
        page.fill("#search", "no text has this")
        page.wait_for_selector("#empty:visible")
        assert seen.complaints == []


def test_a_link_leads_to_its_segment_through_pages_and_filters(visit: Any, page_path: Path) -> None:
    with visit(page_path, fragment="#seg-37") as seen:
        page = seen.page
        assert page.get_attribute(".seg.at", "id") == "seg-37"
        page.select_option("#filter", "doc:d0")
        assert 37 not in numbers(seen)
        page.evaluate("location.hash = '#seg-44'")
        page.wait_for_selector("#seg-44.at")
        page.locator("a[aria-label='example in segment 8']").click()
        page.wait_for_selector("#seg-8.at")
        assert page.evaluate("location.hash") == "#seg-8"
        page.evaluate(
            "document.querySelector('.chart a').dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
        )
        assert page.locator(".seg.at").count() == 1
        assert seen.complaints == []


def test_keys_and_the_choice_of_a_pair_work(visit: Any, page_path: Path) -> None:
    with visit(page_path) as seen:
        page = seen.page
        for _ in range(21):
            page.keyboard.press("j")
        assert page.get_attribute(".seg.at", "id") == "seg-21"
        page.keyboard.press("k")
        assert page.get_attribute(".seg.at", "id") == "seg-20"
        page.keyboard.press("d")
        assert page.get_attribute("#diff-button", "aria-pressed") == "false"
        page.select_option("#pair", "2")
        assert page.input_value("#second") == "2"
        assert page.is_visible("[data-pair='2']") and not page.is_visible("[data-pair='1']")
        assert seen.complaints == []


def test_the_browser_finds_the_same_word_differences_as_python(visit: Any, page_path: Path) -> None:
    pairs = [
        ("The cat sat.", "the cat, sat down"), ("a b c a b", "b a c b a"), ("", "one"), ("— “x” —", "x"),
        ("12.5 million, naïve", "12,5 million naïve!"), ("أهلا وسهلا", "أهلاً وسهلا"), ("same same", "same"),
    ]  # fmt: skip
    with visit(page_path) as seen:
        for first, second in pairs:
            masks = seen.page.evaluate(
                "([a, b]) => text.shared(text.words(a), text.words(b))", [first, second]
            )
            expected = shared_words(words(first), words(second))
            assert [sum(mask) for mask in masks] == [sum(mask) for mask in expected], (first, second)


def test_shared_words_ignore_case_and_edge_punctuation_and_pieces_rebuild_the_text() -> None:
    first, second = "“Yes,” he said  quietly.", "yes he shouted quietly"
    mask, other = shared_words(words(first), words(second))
    assert (mask, other) == ([True, True, False, True], [True, True, False, True])
    assert pieces(first, mask) == [("“Yes,” he ", True), ("said", False), ("  quietly.", True)]
    assert comparison_key("—") == "—"
