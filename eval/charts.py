"""Charts of a comparison as inline SVG that follows the page's theme.

Matplotlib draws with stand-in colours; they are then replaced by the page's CSS variables, and all that a
strict Content-Security-Policy forbids (style attributes and elements) becomes presentation attributes. Series
differ in colour (Okabe and Ito's palette, in theme.css) and in marker, so that no chart needs colour vision.
"""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from lxml import etree
from markupsafe import Markup

from dragoman.eval.comparison import Breakdown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_MARKERS = "osD^vPX"
N_COLOURS = 7
_INK, _SOFT, _LINE, _SURFACE = "#000101", "#000102", "#000103", "#000104"
_THEME = {
    _INK: "var(--ink)",
    _SOFT: "var(--soft)",
    _LINE: "var(--line)",
    _SURFACE: "var(--surface)",
    **{f"#00020{i}": f"var(--s{i})" for i in range(N_COLOURS)},
}
# Figures are as wide as a phone's column in CSS pixels, so that their text keeps its size there.
_WIDTH_INCHES = 4.6
_RC: dict[Any, Any] = {
    "font.size": 9.5,
    "svg.fonttype": "none",
    "text.color": _INK,
    "axes.edgecolor": _SOFT,
    "axes.labelcolor": _SOFT,
    "axes.linewidth": 0.6,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "grid.color": _LINE,
    "grid.linewidth": 0.7,
    "legend.frameon": False,
}
# More points than this are drawn as a density: every point would be an element of the page.
_MAX_POINTS = 400
_N_OUTLIERS = 30
_ORDERED = ("length", "rare-words")

Scores = npt.NDArray[np.float64]


def series_colour(index: int) -> str:
    """Return the stand-in colour of a system, by its place in the comparison."""
    return f"#00020{index % N_COLOURS}"


def draw_intervals(
    slug: str, metric: str, names: Sequence[str], scores: Sequence[tuple[float, float]], order: Sequence[int]
) -> Markup:
    """Draw each system's score with its interval, best on top.

    Args:
        slug: prefix of ids, unique on the page.
        metric: name for the axis.
        names: one a system.
        scores: (score, half width of the interval; 0.0 for none) of each system.
        order: system indices, best first.
    """

    def draw(axes: "Axes") -> None:
        for row, i in enumerate(order):
            score, half = scores[i]
            axes.errorbar(
                [score], [row], xerr=[half] if half else None, fmt=_marker(i), color=series_colour(i),
                markersize=6, elinewidth=1.8, capsize=3.5,
            )  # fmt: skip
            axes.annotate(
                f"{score:.1f}",
                (score, row),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=9,
            )
        axes.set_yticks(range(len(order)), [names[i] for i in order])
        axes.set_ylim(len(order) - 0.45, -0.75)
        axes.set_xlabel(metric)
        axes.margins(x=0.12)
        axes.grid(axis="x")

    best = names[order[0]]
    return _chart(
        slug, f"{metric} of each system with its 95 % interval; {best} is best", 0.9 + 0.36 * len(order), draw
    )


def draw_distribution(
    slug: str, metric: str, names: Sequence[str], scores: Sequence[Scores], order: Sequence[int]
) -> Markup:
    """Draw how each system's segment scores spread: a ridge of the histogram a system, its median marked."""
    low, high = 0.0, max(100.0 if "TER" not in metric else 120.0, 1.0)
    if all(len(s) and s.max() <= 1.5 for s in scores):
        low, high = min(0.0, *(float(s.min()) for s in scores)), 1.0
    edges = np.linspace(low, high, 41)
    centres = (edges[:-1] + edges[1:]) / 2
    shares = [np.histogram(np.clip(s, low, high), edges)[0] / max(1, len(s)) for s in scores]
    tallest = max((float(share.max()) for share in shares), default=1.0) or 1.0

    def draw(axes: "Axes") -> None:
        for row, i in enumerate(order):
            top = row - 0.9 * shares[i] / tallest
            axes.fill_between(centres, row, top, step="mid", color=series_colour(i), alpha=0.45, linewidth=0)
            axes.step(centres, top, where="mid", color=series_colour(i), linewidth=1.1)
            if len(scores[i]):
                median = float(np.median(scores[i]))
                axes.plot([median, median], [row, row - 0.9], color=_INK, linewidth=1)
                axes.annotate(
                    f"{median:.0f}" if high > 1 else f"{median:.2f}",
                    (1, row), xycoords=("axes fraction", "data"), xytext=(5, 2),
                    textcoords="offset points", annotation_clip=False,
                )  # fmt: skip
        axes.set_yticks([row - 0.15 for row in range(len(order))], [names[i] for i in order])
        axes.set_ylim(len(order) - 0.8, -1.1)
        axes.set_xlim(low, high)
        axes.set_xlabel(f"{metric} of a segment; line and figure: median")
        axes.grid(axis="x")

    return _chart(
        slug, f"Distribution of {metric} over segments, a row a system", 0.8 + 0.42 * len(order), draw
    )


def draw_breakdown(slug: str, breakdown: Breakdown, names: Sequence[str]) -> Markup:
    """Draw each system over the parts of the data, joined by a line where the parts have an order."""
    is_ordered = breakdown.slug in _ORDERED

    def draw(axes: "Axes") -> None:
        places = np.arange(len(breakdown.buckets))
        before, labels, after = _without_common_words([bucket.label for bucket in breakdown.buckets])
        for i, name in enumerate(names):
            values = np.array([b.values[i] for b in breakdown.buckets], dtype=np.float64)  # None is NaN
            dodge = 0.0 if is_ordered else 0.09 * (i - (len(names) - 1) / 2)
            axes.plot(
                places + dodge, values, marker=_marker(i), color=series_colour(i), label=name, markersize=5,
                linewidth=1.4 if is_ordered else 0,
            )  # fmt: skip
        crowded = sum(len(label) for label in labels) > 44
        ticks = [f"{label}\n{b.n_items:,}" for label, b in zip(labels, breakdown.buckets, strict=True)]
        axes.set_xticks(
            places,
            labels if crowded else ticks,
            rotation=40 if crowded else 0,
            ha="right" if crowded else "center",
        )
        axes.set_ylabel(breakdown.value)
        axes.set_xlabel(" ".join(filter(None, (before, "…", after))) if before or after else "")
        axes.margins(x=0.06, y=0.08)
        axes.grid(axis="y")
        axes.legend(
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            ncols=min(4, len(names)),
            fontsize=9,
            handlelength=1.4,
            columnspacing=1.2,
        )

    return _chart(slug, f"{breakdown.title}: {breakdown.value} of each system in each part", 3.1, draw)


def draw_head_to_head(
    slug: str,
    metric: str,
    first: str,
    second: str,
    first_scores: Scores,
    second_scores: Scores,
    higher_is_better: bool,
) -> Markup:
    """Draw segments by their score under two systems; the most different ones link to their rows."""
    gaps = np.abs(first_scores - second_scores)
    outliers = np.argsort(-gaps, kind="stable")[: _N_OUTLIERS if len(gaps) > _MAX_POINTS else _MAX_POINTS]
    outliers = outliers[gaps[outliers] > 0]
    limit = max(float(first_scores.max(initial=0)), float(second_scores.max(initial=0)))
    limit = 100.0 if 1.5 < limit <= 100 else limit * 1.02 or 1.0

    def draw(axes: "Axes") -> None:
        if len(gaps) > _MAX_POINTS:
            from matplotlib.colors import ListedColormap

            # Opacity carries the density: a stand-in colour cannot be a colour map.
            cells = axes.hexbin(first_scores, second_scores, gridsize=26, mincnt=1,
                                extent=(0, limit, 0, limit), linewidths=0,
                                cmap=ListedColormap([series_colour(0)]))  # fmt: skip
            counts = np.asarray(cells.get_array())
            cells.set_array(None)
            cells.set_facecolor(
                [(0, 2 / 255, 0, 0.12 + 0.88 * float(np.sqrt(c / counts.max()))) for c in counts]
            )
        axes.plot([0, limit], [0, limit], color=_SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
        for i in outliers:
            (mark,) = axes.plot(
                first_scores[i], second_scores[i], "o",
                color=series_colour(2 if (second_scores[i] > first_scores[i]) == higher_is_better else 1),
                markersize=4.4, markeredgecolor=_SURFACE, markeredgewidth=0.6,
            )  # fmt: skip
            mark.set_url(f"#seg-{i + 1}")
        axes.set_xlim(-0.02 * limit, limit * 1.02)
        axes.set_ylim(-0.02 * limit, limit * 1.02)
        axes.set_aspect("equal")
        axes.set_xlabel(f"{metric}, {first}")
        axes.set_ylabel(f"{metric}, {second}")
        axes.grid()

    return _chart(
        slug,
        f"Segments by {metric} of {first} and of {second}; above the diagonal {second} is higher",
        4.4,
        draw,
    )


def _without_common_words(labels: Sequence[str]) -> tuple[str, list[str], str]:
    """Split off the words that all labels begin or end with.

    >>> _without_common_words(["seen 1 times", "seen 2-4 times"])
    ('seen', ['1', '2-4'], 'times')
    """
    split = [label.split() for label in labels]
    shortest = min(map(len, split))
    n_before = n_after = 0
    while n_before < shortest - 1 and len({words[n_before] for words in split}) == 1:
        n_before += 1
    while n_after < shortest - 1 - n_before and len({words[-1 - n_after] for words in split}) == 1:
        n_after += 1
    kept = [" ".join(words[n_before : len(words) - n_after]) for words in split]
    return " ".join(split[0][:n_before]), kept, " ".join(split[0][len(split[0]) - n_after :])


def _marker(index: int) -> str:
    return _MARKERS[index % len(_MARKERS)]


def _chart(slug: str, label: str, height_inches: float, draw: "Callable[[Axes], None]") -> Markup:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({**_RC, "svg.hashsalt": slug}):
        figure = Figure(figsize=(_WIDTH_INCHES, height_inches), layout="constrained")
        axes = figure.subplots()
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        axes.set_axisbelow(True)
        draw(axes)
        return _inline(figure, slug, label)


def _inline(figure: "Figure", slug: str, label: str) -> Markup:
    """Serialise a figure for a page: theme's colours, no style attributes, ids unique by `slug`."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    root = etree.fromstring(buffer.getvalue())
    used = {
        value.split("#")[-1].rstrip(")") for el in root.iter() for value in el.attrib.values() if "#" in value
    }
    for element in list(root.iter(f"{{{_SVG}}}metadata", f"{{{_SVG}}}style")):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for element in root.iter(etree.Element):
        _attributes_from_style(element)
        if element.get(_XLINK) is not None:
            element.set("href", element.attrib.pop(_XLINK))
        for name, value in list(element.attrib.items()):
            if name == "id":
                if value in used:
                    element.set("id", f"{slug}-{value}")
                else:
                    del element.attrib["id"]
            elif value.startswith("url(#"):
                element.set(name, f"url(#{slug}-{value[5:]}")
            elif name == "href" and not value.startswith("#seg-"):
                element.set(name, f"#{slug}-{value[1:]}")
            elif name == "href":
                element.set("aria-label", f"segment {value[5:]}")
            else:
                element.set(name, _THEME.get(value.lower(), value))
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    for name, value in (("class", "chart"), ("aria-label", label), ("stroke-linejoin", "round")):
        root.set(name, value)
    root.set("role", "group" if root.find(f".//{{{_SVG}}}a") is not None else "img")
    etree.cleanup_namespaces(root)
    return Markup(etree.tostring(root, encoding="unicode"))


def _attributes_from_style(element: etree._Element) -> None:
    """Turn a style attribute into presentation attributes, which the page's policy allows."""
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name == "font":
            name, value = "font-size", next(word for word in value.split() if word.endswith("px"))
        if name and name != "font-family":
            element.set(name, value)
