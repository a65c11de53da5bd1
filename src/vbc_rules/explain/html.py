"""An explanation as a page part of its own: opens and closes without a script, every text escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from html import escape

from vbc_rules.explain.statement import (
    Cited,
    absence_words,
    beside,
    file_of,
    heading,
    in_one_line,
    mark,
    reason_of,
    said_of,
    says_more,
)
from vbc_rules.explain.tree import Explanation

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
    page_mark = hashlib.sha256(repr(explanation.to_dict()).encode()).hexdigest()[:12]
    return "".join(_page(explanation, f"vbc-{page_mark}"))


def _page(e: Explanation, prefix: str) -> Iterator[str]:
    yield f'<section class="vbc-explanation" aria-label="{escape(f"How {e.name} came about")}"><style>{_STYLE}</style>'
    head = heading(e)
    if head:
        one_line = in_one_line(e)
        amount = f"{e.title or e.name}: "
        for said in head:
            yield f"<p><strong>{escape(said)}</strong></p>" if said.startswith(amount) else f"<p>{escape(said)}</p>"
        yield f"<p><code>{escape(one_line)}</code></p>" if one_line else ""
    for warning in e.warnings:
        yield f'<p role="note"><strong>Warning:</strong> {escape(warning)}</p>'
    if e.uses_illustrative:
        names = escape(", ".join(e.illustrative))
        yield f'<p class="vbc-illustrative" role="note"><strong>Uses illustrative numbers:</strong> {names}</p>'
    if "/" in file_of(e):
        yield f'<p class="vbc-note">Rule file: {escape(file_of(e))}</p>'
    cited = Cited()
    yield from _node(e, prefix, cited, is_open=True)
    yield from _sources(cited)
    yield "</section>"


def _sources(cited: Cited) -> Iterator[str]:
    """Yield the sources; a link is a text, as written in the file: nothing on the page leads to another place."""
    entries = list(cited.entries())
    if not entries:
        return
    yield "<p><strong>Sources</strong></p><dl>"
    for key, about, link in entries:
        yield f"<dt>{escape(key)}</dt><dd>{escape(f'{about}, {link}' if link else about)}</dd>"
    yield "</dl>"


def _node(e: Explanation, prefix: str, cited: Cited, *, is_open: bool) -> Iterator[str]:
    head = f"<strong>{escape(e.name)}</strong> <span>{escape(e.text)}</span>"
    place = f'<span class="vbc-note">{escape(_about(e))}</span>'
    anchor = f"{prefix}-{hashlib.sha256(f'{e.ref} {e.name}'.encode()).hexdigest()[:12]}"
    if e.repeated:
        yield f'<div class="vbc-leaf">{head} <a href="#{anchor}">explained above</a></div>'
        return
    cited.add(e.origins)
    rows = [("rule", escape(e.rule))] if e.rule else []
    for line in e.lines:
        text = f"<code>{escape(line.text)}</code>" if line.checked else escape(line.text)
        note = f' <span class="vbc-note">({escape(beside(line))})</span>' if beside(line) else ""
        rows.append((line.label, text + note))
    if e.absence is not None:
        rows.append(("why", escape(absence_words(e))))
    said = (("about", e.about), ("derived", reason_of(e.origins)))
    rows = [*((label, escape(text)) for label, text in said if text), *rows]
    if not rows and not e.parts:
        closed = " (not opened)" if e.cut else ""
        own = "" if e.cut else f' id="{anchor}"'
        yield f'<div class="vbc-leaf"{own}>{head}{closed} {place}</div>'
        return
    yield f'<details id="{anchor}"{" open" if is_open else ""}><summary>{head} {place}</summary><dl>'
    for label, text in rows:
        yield f"<dt>{escape(label)}</dt><dd>{text}</dd>"
    yield "</dl>"
    for part in e.parts:
        yield from _node(part, prefix, cited, is_open=False)
    yield "</details>"


def _about(e: Explanation) -> str:
    title = f"{e.title} " if says_more(e) else ""
    return f"{title}({said_of(e)}) {mark(e.origins)}".rstrip()
