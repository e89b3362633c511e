"""How well articles are cleaned, and that reading takes linear time.

    python bench/reading.py [--shared FOLDER] [--pages FOLDER] [--time]

Pages carry their own gold: the attribute data-gold names the role of an element's text, everything else is
boilerplate. For each page: 4-gram F1 of the main text (multiset of word 4-grams) for dragoman and for
trafilatura alone, and line-role F1 (article against boilerplate) and five-role accuracy, with the markup
and on the flattened page without it. FOLDER of --shared (or DRAGOMAN_BENCH) adds the real article and the
page of bench/html.
"""

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from dragoman.corpora.html import flatten
from dragoman.corpora.reading import read, read_text
from dragoman.errors import NoTextError
from dragoman.units import Document, Role


class Labelled(NamedTuple):
    """A line of a page and its gold role."""

    text: str
    role: Role


def gold_lines(markup: str) -> list[Labelled]:
    """Return the lines of a page with data-gold attributes; their order is the page's."""
    parser = etree.HTMLParser(encoding="utf-8")
    root = etree.fromstring(markup.encode("utf-8"), parser)
    gold = [
        (" ".join("".join(element.itertext()).split()), Role(element.get("data-gold", "")))
        for element in root.iter()
        if isinstance(element.tag, str) and element.get("data-gold")
    ]
    lines, position = [], 0
    for line in flatten(markup).lines:
        if position < len(gold) and " ".join(line.text.split()) == gold[position][0]:
            lines.append(Labelled(line.text, gold[position][1]))
            position += 1
        else:
            lines.append(Labelled(line.text, Role.BOILERPLATE))
    if position < len(gold):
        raise ValueError(f"gold line not found on the page: {gold[position][0]}")
    return lines


def main_text(document: Document) -> str:
    """Return the text of all lines but boilerplate."""
    return "\n".join(document.text[x.start : x.end] for x in document.lines if x.role is not Role.BOILERPLATE)


def gram_f1(found: str, gold: str, order: int = 4) -> float:
    """Return the F1 of the multisets of word n-grams."""

    def grams(text: str) -> Counter[tuple[str, ...]]:
        words = text.split()
        return Counter(zip(*(words[i:] for i in range(order)), strict=False))

    left, right = grams(found), grams(gold)
    shared = (left & right).total()
    return 2 * shared / max(1, left.total() + right.total())


def line_f1(found: Sequence[Role], gold: Sequence[Role]) -> float:
    """Return the F1 of lines that belong to the article, whatever their role in it."""
    pairs = [(f is not Role.BOILERPLATE, g is not Role.BOILERPLATE) for f, g in zip(found, gold, strict=True)]
    hits = sum(f and g for f, g in pairs)
    return 2 * hits / max(1, sum(f for f, _ in pairs) + sum(g for _, g in pairs))


def accuracy(found: Sequence[Role], gold: Sequence[Role]) -> float:
    """Return the share of lines whose role is exactly right."""
    return sum(f is g for f, g in zip(found, gold, strict=True)) / max(1, len(gold))


def roles_of(document: Document) -> list[Role]:
    """Return the role of each line."""
    return [line.role for line in document.lines]


def read_flat(lines: Sequence[Labelled], *, separator: str = "\n\n") -> Document:
    """Read lines as plain text, a paragraph each."""
    return read_text(separator.join(line.text for line in lines), name="flat", any_language=True)


def report_page(name: str, data: bytes, *, verbose: bool) -> tuple[float, float, float, float]:
    """Print the figures of one page and return them."""
    import trafilatura

    document = read(data, name=name)
    markup = data.decode(document.encoding)
    lines = gold_lines(markup)
    gold = [line.role for line in lines]
    gold_text = "\n".join(line.text for line in lines if line.role is not Role.BOILERPLATE)
    alone = gram_f1(trafilatura.extract(markup, include_comments=False) or "", gold_text)
    figures = [gram_f1(main_text(document), gold_text), alone, line_f1(roles_of(document), gold)]
    flat = read_flat(lines)
    figures.append(line_f1(roles_of(flat), gold))
    exact = [
        sum(f is g for f, g in zip(r, gold, strict=True)) / len(gold)
        for r in (roles_of(document), roles_of(flat))
    ]
    print(f"{name:16}" + "".join(f"{figure:9.3f}" for figure in [*figures, *exact]))
    if verbose:
        for read_as, kind in ((document, "html"), (flat, "flat")):
            for line, label in zip(read_as.lines, lines, strict=True):
                if line.role is not label.role:
                    print(
                        f"    {kind} gold {label.role}, found {line.role} ({line.reason}): {label.text[:60]}"
                    )
    return figures[0], figures[1], figures[2], figures[3]


def report_shared(folder: Path) -> None:
    """Print the figures of the real article and of bench/html."""
    text = (folder / "seed" / "article.ar.txt").read_text(encoding="utf-8")
    gold = {
        (line["start"], line["end"]): {"editorial_note": "note"}.get(line["role"], line["role"])
        for line in json.loads((folder / "seed" / "gold.json").read_text(encoding="utf-8"))["lines"]
        if line["role"] != "blank"
    }
    found = {(line.start, line.end): str(line.role) for line in read_text(text).lines}
    n_right = sum(found.get(span) == role for span, role in gold.items())
    print(f"real article: {n_right} of {len(gold)} roles right")
    html = folder / "bench" / "html"
    document = read(html / "page1_wordpress_utf8.html")
    gold_text = (html / "gold_main.txt").read_text(encoding="utf-8")
    print(f"bench/html: 4-gram F1 {gram_f1(main_text(document), gold_text):.4f}")
    rows = [
        row.split("\t")
        for row in (html / "page1.flat.gold.tsv").read_text(encoding="utf-8").split("\n")
        if row
    ]
    labels = [Role.BOILERPLATE if label == "boilerplate" else Role.BODY for label, _ in rows]
    flat = read_text((html / "page1.flat.txt").read_text(encoding="utf-8"))
    print(f"page1.flat: line-role F1 {line_f1(roles_of(flat), labels):.4f}")


def report_time() -> None:
    """Print how the time grows when the input grows tenfold."""
    paragraph = "افتتح رئيس البلدية صباح الأحد جسرا جديدا فوق النهر. وقال إن المشروع استغرق ثلاث سنوات."
    shapes: dict[str, Callable[[int], bytes]] = {
        "paragraphs": lambda n: "\n\n".join([paragraph] * n).encode(),
        "one line": lambda n: " ".join([paragraph] * n).encode(),
        "one word": lambda n: ("كلام" * 25 * n).encode(),
        "short lines": lambda n: "\n".join(f"سطر رقم {i} قصير" for i in range(5 * n)).encode(),
        "marks": lambda n: ("كلام" + "\u064e\u0651" * 50 * n).encode(),
        "menu lines": lambda n: "\n".join(["الرئيسية", "سياسة", "اقرأ أيضا"] * 5 * n + [paragraph]).encode(),
        "windows-1256": lambda n: "\n\n".join([paragraph] * n).encode("cp1256"),
        "damaged": lambda n: "\n\n".join([paragraph] * n).encode().replace(b"\xd9\x8a ", b"\xd9 "),
        "mojibake": lambda n: "\n\n".join([paragraph] * n).encode().decode("latin-1").encode(),
        "page": lambda n: ("<html><body>" + f"<p>{paragraph}</p>" * n + "</body></html>").encode(),
        "nested page": lambda n: (
            "<html><body>" + "<div>" * n + paragraph + "</div>" * n + "</body></html>"
        ).encode(),
        "flat markup": lambda n: ("<html><body>" + "<b>" * n + paragraph + "</body></html>").encode(),
        "stray ends": lambda n: ("<html><body>" + "<b>" * 20 * n + "</i>" * 20 * n + paragraph).encode(),
        "open furniture": lambda n: ("<html><body>" + "<nav>x" * 20 * n + f"<p>{paragraph}").encode(),
        "subsets": lambda n: ("<!DOCTYPE html [" * 20 * n + f"<p>{paragraph}").encode(),
        "brackets": lambda n: ("<html><body>" + "<" * 50 * n + paragraph + "</body></html>").encode(),
    }
    for name, make in shapes.items():
        times = []
        for n in (200, 2000):
            data = make(n)
            start = time.process_time()
            with suppress(NoTextError):
                read(data, name="bench", any_language=True)
            times.append(time.process_time() - start)
        growth = times[1] / times[0]
        print(f"{name:14} {len(data) / 1e6:6.2f} MB {times[1]:8.3f} s, {growth:5.1f} times for 10 times")


def main() -> None:
    """Parse the command line and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    pages = Path(__file__).resolve().parents[1] / "tests" / "fixtures" / "pages"
    parser.add_argument("--shared", default=os.environ.get("DRAGOMAN_BENCH"))
    parser.add_argument("--pages", type=Path, default=pages)
    parser.add_argument("--time", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the lines that are wrong")
    options = parser.parse_args()
    if options.shared:
        report_shared(Path(options.shared))
    print(f"{'page':16}{'4-gram':>9}{'trafil.':>9}{'html F1':>9}{'flat F1':>9}{'html acc':>9}{'flat acc':>9}")
    rows = [
        report_page(p.name, p.read_bytes(), verbose=options.verbose)
        for p in sorted(options.pages.glob("*.html"))
    ]
    means = [sum(row[i] for row in rows) / len(rows) for i in range(4)]
    print(f"{'mean':16}" + "".join(f"{mean:9.3f}" for mean in means))
    if options.time:
        report_time()


if __name__ == "__main__":
    main()
