"""An explanation as a page part of its own: opens and closes without a script, every text escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from html import escape

from vbc_rules.explain.text import absence_words
from vbc_rules.explain.tree import Explanation
from vbc_rules.explain.words import origin_words

_STYLE = (
    ".vbc-explanation{font-family:system-ui,sans-serif;line-height:1.5;max-width:64rem}"
    ".vbc-explanation details,.vbc-explanation .vbc-leaf{margin:.25rem 0 .25rem 1.25rem}"
    ".vbc-explanation summary{cursor:pointer}"
    ".vbc-explanation dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1rem;margin:.25rem 0 .25rem 1.25rem}"
    ".vbc-explanation dd{margin:0;overflow-wrap:anywhere}"
    ".vbc-explanation .vbc-note{color:#555}"
    ".vbc-explanation .vbc-illustrative{border-left:.25rem solid #b45309;padding-left:.5rem}"
)


def render_html(explanation: Explanation) -> str:
    """Return the explanation as HTML: the value open, its parts to be opened, a repeated name linked to its first."""
    mark = hashlib.sha256(repr(explanation.to_dict()).encode()).hexdigest()[:12]
    return "".join(_page(explanation, f"vbc-{mark}"))


def _page(e: Explanation, prefix: str) -> Iterator[str]:
    yield f'<section class="vbc-explanation" aria-label="{escape(f"How {e.name} came about")}"><style>{_STYLE}</style>'
    if e.header:
        yield "<dl>"
        for key, value in e.header.items():
            yield f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>"
        yield "</dl>"
    for warning in e.warnings:
        yield f'<p role="note"><strong>Warning:</strong> {escape(warning)}</p>'
    if e.uses_illustrative:
        names = escape(", ".join(e.illustrative))
        yield f'<p class="vbc-illustrative" role="note"><strong>Uses illustrative numbers:</strong> {names}</p>'
    yield from _node(e, prefix, is_open=True)
    yield "</section>"


def _node(e: Explanation, prefix: str, *, is_open: bool) -> Iterator[str]:
    head = f"<strong>{escape(e.name)}</strong> <span>{escape(e.text)}</span>"
    place = f'<span class="vbc-note">{escape(_about(e))}</span>'
    anchor = f"{prefix}-{hashlib.sha256(f'{e.ref} {e.name}'.encode()).hexdigest()[:12]}"
    if e.repeated:
        yield f'<div class="vbc-leaf">{head} <a href="#{anchor}">explained above</a></div>'
        return
    rows = [("rule", escape(e.rule))] if e.rule else []
    for line in e.lines:
        text = f"<code>{escape(line.text)}</code>" if line.checked else escape(line.text)
        note = f' <span class="vbc-note">({escape(line.note)})</span>' if line.note else ""
        rows.append((line.label, text + note))
    if e.absence is not None:
        rows.append(("why", escape(absence_words(e))))
    if e.about:
        rows.insert(0, ("about", escape(e.about)))
    if not rows and not e.parts:
        closed = " (not opened)" if e.cut else ""
        yield f'<div class="vbc-leaf" id="{anchor}">{head}{closed} {place}</div>'
        return
    yield f'<details id="{anchor}"{" open" if is_open else ""}><summary>{head} {place}</summary><dl>'
    for label, text in rows:
        yield f"<dt>{escape(label)}</dt><dd>{text}</dd>"
    yield "</dl>"
    for part in e.parts:
        yield from _node(part, prefix, is_open=False)
    yield "</details>"


def _about(e: Explanation) -> str:
    return "; ".join(part for part in (e.title, e.kind, e.place, origin_words(e.origins)) if part)
