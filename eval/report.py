"""The report pages: one translated article, or several systems compared; one HTML file each.

What a page shows is frozen data (`ArticleReport`, `Comparison`); nothing is scored here.
"""

from dragoman.eval.article_report import ArticleReport
from dragoman.eval.comparison import Comparison


def render_article(report: ArticleReport) -> str:
    """Return the page of one translated article: source beside translation, flags, references, scores."""
    from dragoman.eval.report_article import render_article_page

    return render_article_page(report)


def render_comparison(comparison: Comparison) -> str:
    """Return the page that compares systems: tables, charts, and every segment to look at."""
    from dragoman.eval.report_comparison import render_comparison_page

    return render_comparison_page(comparison)
