"""What every report page shares: templates, inlined style and script under a strict policy, safe text.

A page is one file that asks nothing of the network. Its Content-Security-Policy allows the one inlined style
and the one inlined script by their SHA-256 and nothing else: text that slips through as markup could neither
run nor load anything. Texts come from articles and models, so controls that reorder or hide text are shown as
labelled chips instead of taking effect (Boucher and Anderson 2021, "Trojan Source").
"""

import base64
import hashlib
import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from jinja2 import Environment

# Directional embeddings, overrides and isolates reorder what follows them; a chip names them instead.
_BIDI_NAMES = {
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
}
# Marks without a shape that hide or join text. ZWNJ and ZWJ stay: Persian spelling and emoji need them; LRM,
# RLM and ALM stay: inside <bdi> they cannot reach beyond their own text.
_HIDDEN_NAMES = {
    "\u200b": "ZWSP",
    "\u2060": "WJ",
    "\ufeff": "BOM",
    "\u00ad": "SHY",
    "\u2028": "LSEP",
    "\u2029": "PSEP",
}
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\u2029\u2060\u2066-\u2069\ufeff\u00ad\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")  # alone, no encoding of a file can hold them

# So that JSON can stand in an element: no tag, no comment, no line separator inside its strings.
_JSON_ESCAPES = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


def control_name(char: str) -> str:
    """Return a short name for a control character.

    >>> control_name(chr(0x202E)), control_name(chr(7))
    ('RLO', 'U+0007')
    """
    return _BIDI_NAMES.get(char) or _HIDDEN_NAMES.get(char) or f"U+{ord(char):04X}"


def visible(text: str) -> Markup:
    """Escape untrusted text for an element's content; controls become chips.

    >>> visible("<b>")
    Markup('&lt;b&gt;')
    """

    def chip(match: re.Match[str]) -> str:
        name = control_name(match[0])
        long_name = unicodedata.name(match[0], name).lower()
        return f'<span class="ctl" role="img" data-c="{name}" aria-label="{long_name}, neutralised"></span>'

    parts, end = [], 0
    for match in _CONTROL.finditer(text):
        parts += [str(escape(text[end : match.start()])), chip(match)]
        end = match.end()
    return Markup("".join([*parts, str(escape(text[end:]))]))  # every part is escaped above


def plain(text: str) -> str:
    """Return untrusted text for an attribute or the page's title: controls as `[RLO]`, not escaped."""
    return _CONTROL.sub(lambda match: f"[{control_name(match[0])}]", text)


def prose(text: str) -> Markup:
    """Return a sentence of ours or of a model card: begun with a capital, `backquoted` parts as code.

    >>> prose("run `x <y>`")
    Markup('Run <code>x &lt;y&gt;</code>')
    """
    parts = (text[:1].upper() + text[1:]).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(visible(part)) if i % 2 and i < len(parts) - 1 else visible(part)
        for i, part in enumerate(parts)
    )


def embed_json(value: object) -> Markup:
    """Write `value` as JSON that may stand inside a `<script type="application/json">` element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char, escaped in _JSON_ESCAPES:
        text = text.replace(char, escaped)
    return Markup(_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


@cache
def asset(*names: str) -> Markup:
    """Return our own style sheets or scripts, joined, for inlining.

    Raises:
        ValueError: an asset would end its own element.
    """
    text = "\n".join(
        (files("dragoman.eval") / "templates" / name).read_text(encoding="utf-8") for name in names
    )
    if "</" in text:
        raise ValueError(f"{', '.join(names)} must not contain '</'")
    return Markup(text)


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy that allows this style and this script, and nothing else."""

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; script-src 'sha256-{digest(script)}'; style-src 'sha256-{digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("dragoman.eval", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"visible": visible, "prose": prose, "plain": plain, "anchor": anchor}
    return environment


def anchor(text: str) -> str:
    """Return `text` as a slug for ids and classes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def render_page(
    template: str, style_names: tuple[str, ...], script_names: tuple[str, ...], **context: object
) -> str:
    """Render a page template with its style and script inlined and its policy set."""
    style, script = asset(*style_names), asset(*script_names)
    return (
        _environment()
        .get_template(template)
        .render(style=style, script=script, policy=policy(str(style), str(script)), **context)
    )
