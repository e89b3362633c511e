"""A browser that looks at report pages: complaints, requests, and whether people can read them."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

_CHROMIUM = [Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser")]
_SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
_SWITCHES += ["--disable-background-networking", "--disable-component-update"]
_HERE = Path(__file__).parent


@dataclass(slots=True)
class Visit:
    """An open page and what it complained about or asked for."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def contrast_faults(self) -> list[str]:
        """Return the texts whose contrast is below WCAG's 4.5:1."""
        return list(self.page.evaluate((_HERE / "page_contrast.js").read_text(encoding="utf-8")))

    def axe_faults(self) -> list[str]:
        """Return what axe-core objects to; nothing where DRAGOMAN_AXE does not name its script."""
        script = os.environ.get("DRAGOMAN_AXE")
        if not script:
            return []
        self.page.evaluate(Path(script).read_text(encoding="utf-8"))
        run = "axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations"
        return list(self.page.evaluate(run + ".map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)}`))"))

    def structure_faults(self) -> list[str]:
        """Return what a screen reader would stumble over."""
        return list(self.page.evaluate((_HERE / "page_structure.js").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    chromium = next((path for path in _CHROMIUM if path.exists()), None)
    if chromium is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(chromium), args=_SWITCHES)
        yield started
        started.close()


@pytest.fixture
def visit(browser: "Browser") -> Callable[..., AbstractContextManager[Visit]]:
    """Open a page in a fresh context: `with visit(path, width=390, dark=True, fragment="#seg-3") as seen`."""

    @contextmanager
    def open_page(
        path: Path, *, width: int = 1280, dark: bool = False, fragment: str = ""
    ) -> Iterator[Visit]:
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        seen, url = Visit(page), path.resolve().as_uri()

        def hear(message: "ConsoleMessage") -> None:
            if message.type != "log":
                seen.complaints.append(message.text)

        def note_request(request: "Request") -> None:
            if request.url.split("#")[0] != url:
                seen.requests.append(request.url)

        page.on("console", hear)
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("request", note_request)
        page.goto(url + fragment)
        yield seen
        page.close()

    return open_page
