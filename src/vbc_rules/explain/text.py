"""An explanation as plain text: one block for each value, its parts indented under it."""

from __future__ import annotations

from collections.abc import Iterator

from vbc_rules.explain.tree import Explanation, Line
from vbc_rules.explain.words import origin_words

_INDENT = "  "
_LABEL = 10
_TEXT = 44


def render_text(explanation: Explanation) -> str:
    """Return the explanation as text.

    Each value stands on a line with its name; under it its title and place, the rule, the rule with its numbers, and
    its parts. Arithmetic stands alone on its line up to three spaces and a note in parentheses.
    """
    lines = [f"{key}: {value}" for key, value in explanation.header.items()]
    lines.extend(f"warning: {warning}" for warning in explanation.warnings)
    if explanation.uses_illustrative:
        lines.append(f"uses illustrative numbers: {', '.join(explanation.illustrative)}")
    if lines:
        lines.append("")
    lines.extend(_Text().block(explanation, 0))
    return "\n".join(lines)


class _Text:
    """Writes one explanation; a source is told in full where it is first cited, then by its key. Used once."""

    def __init__(self) -> None:
        self.cited: set[str] = set()

    def block(self, e: Explanation, depth: int) -> Iterator[str]:
        indent = _INDENT * depth
        inner = indent + _INDENT
        first = f"{indent}{e.name}  {e.text}"
        if e.repeated:
            yield f"{first}  (explained above)"
            return
        about = self._about(e)
        if e.cut and not e.lines:
            yield f"{first}  (not opened; {about})"
            return
        if not e.lines and not e.rule and not e.parts and e.about == "":
            title = f"{e.title}; " if _says_more(e) else ""
            cause = f"; {e.absence.cause}" if e.absence is not None else ""
            yield f"{first}  ({title}{about}{cause})"
            return
        yield first
        yield f"{inner}{e.title}  ({about})" if _says_more(e) else f"{inner}({about})"
        if e.about:
            yield f"{inner}{e.about}"
        if e.rule:
            yield f"{inner}{'rule:':<{_LABEL}}{e.rule}"
        for line in e.lines:
            yield f"{inner}{_line(line)}"
        if e.absence is not None:
            yield f"{inner}{'why:':<{_LABEL}}{absence_words(e)}"
        yield from self._parts(e, depth + 1)

    def _parts(self, e: Explanation, depth: int) -> Iterator[str]:
        """Write the parts; those explained before stand together on one line, where the first of them is named."""
        before = [part for part in e.parts if part.repeated]
        for part in e.parts:
            if not part.repeated:
                yield from self.block(part, depth)
            elif part is before[0]:
                named = "; ".join(f"{each.name}  {each.text}" for each in before)
                yield f"{_INDENT * depth}{named}  (explained above)"

    def _about(self, e: Explanation) -> str:
        said = tuple(origin.again() if origin.key in self.cited else origin for origin in e.origins)
        self.cited.update(origin.key for origin in e.origins if origin.key)
        return "; ".join(part for part in (e.kind, e.place, origin_words(said)) if part)


def absence_words(e: Explanation) -> str:
    """Return why a value is absent: its reason, where the reason came from, and why it arose there."""
    if e.absence is None:
        return ""
    reason = e.absence.reason.replace("_", " ")
    came = "" if len(e.absence.trail) == 1 else f", from {' from '.join(e.absence.trail[1:])}"
    cause = f": {e.absence.cause}" if e.absence.cause else ""
    return f"{reason}{came}{cause}"


def _says_more(e: Explanation) -> bool:
    return bool(e.title) and e.title.casefold() != e.name.partition(" of ")[0].replace("_", " ").casefold()


def _line(line: Line) -> str:
    text = f"{line.label + ':':<{_LABEL}}"
    text = text if text.endswith(" ") else f"{text} "
    return f"{text}{line.text:<{_TEXT}}   ({line.note})" if line.note else f"{text}{line.text}"
