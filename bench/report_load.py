"""How long the comparison page takes to write and to open: 5,000 segments × 7 systems, made up, in chromium.

    python bench/report_load.py [--segments 5000] [--systems 7] [--chromium /usr/bin/chromium]

"loaded" is the load event, "drawn" the first frame after the script has drawn its first rows, both from the
start of the navigation, best of three; on a busy machine the main thread's CPU time says more.
Words are drawn by a Zipf law, so that sizes are those of news sentences.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from dragoman.eval.comparison import Comparison, SystemResult
from dragoman.eval.report import render_comparison
from dragoman.eval.results import (
    ConfidenceInterval,
    Coverage,
    MetricScore,
    Mode,
    ScoreReport,
    SegmentRow,
    Share,
)

_SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
_SWITCHES += ["--disable-background-networking", "--disable-component-update"]
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => done(performance.now())))"
_LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"


def make_comparison(n_segments: int, n_systems: int, seed: int = 1) -> Comparison:
    rng = np.random.default_rng(seed)
    english = ["".join(rng.choice(list("etaoinshrdlu"), rng.integers(2, 10))) for _ in range(8000)]
    arabic = ["".join(rng.choice(list("اليمنورتبسعد"), rng.integers(2, 8))) for _ in range(8000)]

    def sentences(words: list[str]) -> list[str]:
        lengths = rng.poisson(22, n_segments) + 3
        return [" ".join(words[int(w) % 8000] for w in rng.zipf(1.3, n)) for n in lengths]

    src, ref = sentences(arabic), sentences(english)
    coverage = Coverage(n_segments, Share(n_segments, n_segments), (Share(n_segments, n_segments),))
    names = ("BLEU", "chrF2++", "TER")
    systems = []
    for s in range(n_systems):
        hyps, scores = sentences(english), np.clip(rng.normal(50 + s, 18, (n_segments, 3)), 0, 100)
        rows = tuple(
            SegmentRow(
                i, f"doc {i // 50}", str(i + 1), src[i], (ref[i],), hyps[i], tuple(map(float, scores[i]))
            )
            for i in range(n_segments)
        )
        interval = ConfidenceInterval(50.0, 0.8, 1000, 1)
        metrics = tuple(
            MetricScore(n, 50.0 + s, "made up", Mode.SEGMENT, coverage, n != "TER", interval) for n in names
        )
        systems.append(SystemResult(f"system {s + 1}", ScoreReport(f"system {s + 1}", metrics, rows)))
    return Comparison("Made up", names, (True, True, False), tuple(systems))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=5000)
    parser.add_argument("--systems", type=int, default=7)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright

    comparison = make_comparison(arguments.segments, arguments.systems)
    start, cpu_start = time.perf_counter(), time.process_time()
    html = render_comparison(comparison)
    print(f"written in {time.perf_counter() - start:.2f} s ({time.process_time() - cpu_start:.2f} s of CPU)")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "comparison.html"
        path.write_text(html, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=_SWITCHES)
        times = []
        for _ in range(3):
            page = browser.new_page()
            devtools = page.context.new_cdp_session(page)
            devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
            page.goto(path.as_uri())
            page.wait_for_selector(".seg")
            loaded, drawn = page.evaluate(_LOADED), page.evaluate(_DRAWN)
            metrics = {m["name"]: m["value"] for m in devtools.send("Performance.getMetrics")["metrics"]}
            times.append((loaded, drawn, 1000 * metrics["TaskDuration"]))
            page.close()
        page = browser.new_page()
        page.goto(path.as_uri())
        sort = page.evaluate(
            "() => { const start = performance.now();"
            " document.querySelector('[data-order=different]').click();"
            " return performance.now() - start; }"
        )
        browser.close()
    loaded, drawn, cpu = (min(column) for column in zip(*times, strict=True))
    print(f"{len(html.encode()) / 1e6:.1f} MB; loaded {loaded:.0f} ms, drawn {drawn:.0f} ms")
    print(f"main thread {cpu:.0f} ms of CPU; reordered in {sort:.0f} ms")


if __name__ == "__main__":
    main()
