import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dragoman.eval.article_report import ArticleReport, ModelFacts, ReferenceText
from dragoman.eval.report import render_article
from dragoman.eval.report_page import asset, embed_json, plain, visible
from dragoman.eval.results import Coverage, InputFile, MetricScore, Mode, ScoreReport, Share
from dragoman.units import Bead, Document, Flag, Hypothesis, Line, Notice, Origin, Role, Segment, Severity

RLO = "\N{RIGHT-TO-LEFT OVERRIDE}"
ATTACKS = ("<script>window.hacked=1</script>", '"><img src=x onerror="window.hacked=1">', f"safe{RLO}gpj.exe")

_SOURCES = (
    ("عاد القطار إلى الوادي", Role.TITLE),
    ("وصل القطار الأول صباح اليوم.", Role.BODY),
    (f"قال السائق: {ATTACKS[0]} {RLO}.", Role.BODY),
    ("كلف الخط ١٢ مليون دينار.", Role.BODY),
    ("2026", Role.BODY),
    ("شارك هذا الخبر", Role.BOILERPLATE),
)
_ENGLISH = (
    "The train returns to the valley",
    "The first train arrived this morning.",
    f"The driver said: {ATTACKS[1]} {ATTACKS[2]}",
    "The line cost a million dinars.",
    "2026",
)


def article_report() -> ArticleReport:
    """Six lines, one of them boilerplate; injected markup, an override, flags, two references, a 2-1 bead."""
    lines, segments, text = [], [], ""
    for i, (source, role) in enumerate(_SOURCES):
        start = len(text)
        lines.append(Line(start, start + len(source), role, f"reason {i} <i>&", i))
        if role != Role.BOILERPLATE:
            segments.append(Segment(start, start + len(source), source, role, i))
        text += source + "\n\n"
    number = Flag("number-missing", Severity.ERROR, f"the number 12 is missing {ATTACKS[0]}")
    odd = Flag("odd-length", Severity.WARNING, "shorter than expected")
    flags: tuple[tuple[Flag, ...], ...] = ((), (), (odd,), (number, odd), ())
    hypotheses = tuple(
        Hypothesis(
            english,
            Origin.COPY if english == "2026" else Origin.MT,
            None if english == "2026" else -3.0 * n,
            6,
            6,
            flags[n],
        )
        for n, english in enumerate(_ENGLISH)
    )
    sentences = (
        "The train is back in the valley",
        "This morning the first train came, the driver said.",
        "It cost 12 million.",
        "Nobody wrote this.",
    )
    beads = (
        Bead(range(0, 1), range(0, 1), 1.0, 0.97),
        Bead(range(1, 3), range(1, 2), 0.4, 0.31),
        Bead(range(3, 4), range(2, 3), 0.8, 0.9),
        Bead(range(4, 5), range(3, 3)),
        Bead(range(5, 5), range(3, 4)),
    )
    coverage = Coverage(3, Share(4, 5), (Share(3, 4),))
    metrics = tuple(
        MetricScore(name, score, "nrefs:1|case:mixed|version:2.6.0", Mode.ALIGNED, coverage, name != "TER")
        for name, score in (("BLEU", 23.4), ("chrF2++", 47.1), ("TER", 61.0))
    )
    return ArticleReport(
        title="",
        document=Document(
            "train.ar.txt", text, tuple(lines), (Notice("encoding", f"decoded as windows-1256 {ATTACKS[0]}"),)
        ),
        segments=tuple(segments),
        hypotheses=hypotheses,
        model=ModelFacts("starter-ar-en", (("Licence", "CC-BY 4.0"),), "A small starter model."),
        references=(ReferenceText("train.en.txt", sentences, beads, (61.0, 12.5, 40.0, None, None)),),
        scores=(ScoreReport("", metrics, ()),),
        decoding=(("beam", "4"),),
        timings=(("read", 0.01), ("translate", 0.4)),
        inputs=(InputFile("source", "train.ar.txt", "ab" * 32, 6),),
    )


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_article(article_report()), encoding="utf-8")
    return path


def test_untrusted_text_is_escaped_and_overrides_never_reach_the_page() -> None:
    html = render_article(article_report())
    assert "<script>window" not in html and "<img" not in html
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", html)
    assert 'data-c="RLO"' in html


def test_controls_become_chips_in_text_and_brackets_in_attributes() -> None:
    assert visible(f"a{RLO}<b\x07") == (
        'a<span class="ctl" role="img" data-c="RLO" aria-label="right-to-left override, neutralised"></span>'
        "&lt;b"
        '<span class="ctl" role="img" data-c="U+0007" aria-label="u+0007, neutralised"></span>'
    )
    assert plain(f"a{RLO}b") == "a[RLO]b"


def test_joiners_that_spelling_needs_stay_as_they_are() -> None:
    text = "می\u200cخواهم 👩\u200d🌾"
    assert visible(text) == text


def test_embedded_json_cannot_end_its_element() -> None:
    assert embed_json({"a": "</script><!--\u2028"}) == '{"a":"\\u003c/script\\u003e\\u003c!--\\u2028"}'


def test_the_policy_names_the_digests_of_exactly_the_inlined_style_and_script() -> None:
    html = render_article(article_report())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    for tag in ("style", "script"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.S)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy[1]
    assert "unsafe" not in policy[1]


def test_no_asset_names_a_network_address() -> None:
    text = asset("theme.css", "article.css", "page.js", "article.js")
    assert not re.search(r"https?://|@import|url\(", text)


def test_everything_of_the_run_is_on_the_page() -> None:
    html = render_article(article_report())
    for expected in (
        "A small starter model.", "Decoded as windows-1256", "شارك هذا الخبر", "reason 5",
        "Nobody wrote this.",
        "nrefs:1|case:mixed|version:2.6.0", "hyp=4/5,ref1=3/4,units=3", "ab" * 32, "beam", "number-missing",
        "of 2–3 together", "doubtful, 31 % sure", "no reference found", "copied",
    ):  # fmt: skip
        assert expected in html, expected


def test_an_article_without_references_scores_or_flags_still_makes_a_page() -> None:
    report = article_report()
    bare = replace(
        report, references=(), scores=(), decoding=(), timings=(), inputs=(),
        hypotheses=tuple(replace(h, flags=()) for h in report.hypotheses),
    )  # fmt: skip
    html = render_article(bare)
    assert "Reference" not in html.split("<main>")[1].replace("References", "")
    assert 'id="diff-button"' not in html.split("<script>")[0]


def test_beads_that_do_not_fit_the_article_are_refused() -> None:
    report = article_report()
    with pytest.raises(ValueError, match="points past the 5 segments"):
        replace(report, references=(ReferenceText("r", ("x",), (Bead(range(5, 6), range(0, 1)),)),))
    with pytest.raises(ValueError, match="points past the 1 sentences"):
        ReferenceText("r", ("x",), (Bead(range(0, 1), range(0, 2)),))
    with pytest.raises(ValueError, match="hypotheses"):
        replace(report, hypotheses=report.hypotheses[1:])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_quiet_fits_its_window_and_reads_well(
    visit: Any, page_path: Path, width: int, dark: bool
) -> None:
    with visit(page_path, width=width, dark=dark) as seen:
        seen.page.evaluate("document.querySelector('#diff-button').click()")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert seen.contrast_faults() == []
        assert seen.structure_faults() == []
        assert seen.axe_faults() == []
        assert seen.page.evaluate("window.hacked") is None
        assert seen.page.locator(".src").nth(2).inner_text().startswith(f"قال السائق: {ATTACKS[0]}")
        assert (seen.complaints, seen.requests) == ([], [])


def test_rows_can_be_sorted_filtered_and_searched(visit: Any, page_path: Path) -> None:
    def shown() -> list[str]:
        numbers: list[str] = seen.page.evaluate(
            "[...document.querySelectorAll('.seg')].filter((el) => el.checkVisibility())"
            ".map((el) => el.dataset.n)"
        )
        return numbers

    with visit(page_path) as seen:
        page = seen.page
        assert shown() == ["1", "2", "3", "4", "5"]
        page.select_option("#sort", "risk")
        assert shown()[:2] == ["4", "3"]
        page.select_option("#sort", "score")
        assert shown() == ["2", "3", "4", "1", "5"]
        page.select_option("#filter", "flag:number-missing")
        assert shown() == ["4"]
        assert page.inner_text("#count") == "1 of 5 segments"
        page.select_option("#filter", "origin:copy")
        assert shown() == ["5"]
        page.select_option("#filter", "")
        page.select_option("#sort", "document")
        page.fill("#search", "الاول")  # without the hamza of the text
        page.get_by_text("1 of 5 segments").wait_for()
        assert shown() == ["2"]
        page.fill("#search", "nothing has this")
        page.wait_for_selector("#empty:visible")
        assert shown() == []
        page.evaluate("location.hash = '#seg-3'")
        page.wait_for_selector("#seg-3:visible")
        assert shown() == ["1", "2", "3", "4", "5"]
        assert seen.complaints == []


def test_keys_walk_the_rows_mark_differences_and_switch_the_theme(visit: Any, page_path: Path) -> None:
    with visit(page_path) as seen:
        page = seen.page
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.get_attribute(".seg.at", "data-n") == "2"
        page.keyboard.press("k")
        assert page.get_attribute(".seg.at", "data-n") == "1"
        page.keyboard.press("d")
        assert "on-diff" in (page.get_attribute("html", "class") or "")
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.keyboard.press("t")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
        page.keyboard.press("?")
        assert page.is_visible("#help")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("jk?")
        assert page.input_value("#search") == "jk?" and not page.is_visible("#help")
        assert seen.complaints == []
