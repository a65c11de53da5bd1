"""What every form of an explanation says alike: its head, the marks of provenance, and the sources at its end."""

from __future__ import annotations

from collections.abc import Iterator

from vbc_rules.explain.tree import Explanation, Line, Origin


def heading(e: Explanation) -> list[str]:
    """Return the head of a statement: the program, whom it is for, the amount, and the gate or absence that decided."""
    said = [part for part in (e.header.get("title", ""), e.header.get("program", "")) if part]
    if len(said) > 1:
        said = [f"{said[0]} ({said[1]})"]
    said.extend(f"{key}: {value}" for key, value in e.header.items() if key not in ("title", "program"))
    state = state_words(e)
    if not said and not state:
        return []
    decided = [line.text for line in e.lines if line.kind == "gate" and " failed: " in line.text][:1]
    decided += [line.text for line in e.lines if decided and line.label == "before"]
    if not decided and e.absence is not None:
        decided = [absence_words(e)]
    amount = f"{e.title or e.name}: {e.text}{' (provisional)' if e.status == 'provisional' else ''}"
    head = [part for part in ("; ".join(said), state) if part]
    return [*head, amount, *(["; ".join(decided)] if decided else [])]


def state_words(e: Explanation) -> str:
    """Return how final a result is, as of when, and for what period: empty where the result does not say."""
    if not e.status and e.as_of is None:
        return ""
    said = [e.status or "as computed", *([f"as of {e.as_of}"] if e.as_of is not None else [])]
    return f"{' '.join(said)}; in force {e.in_force}" if e.in_force else " ".join(said)


def in_one_line(e: Explanation) -> str:
    """Return the whole arithmetic of the value on one line; empty where it is no formula, or a gate decided.

    The formula, its floor, its cap and its rounding stand within each other: `round(5% * $1,000.01, 2, down) = $50.00`.
    """
    formulas = [place for place, line in enumerate(e.lines) if (line.kind, line.label) == ("numbers", "numbers")]
    if not formulas:
        return ""
    last = formulas[0]
    left, _, right = e.lines[last].text.rpartition(" = ")
    for line in e.lines[last + 1 :]:
        if line.kind not in ("rounding", "cap", "floor"):
            continue
        function, _, rest = line.text.partition("(")
        # Digits of a percent count as written, and only where it stands alone: such a rounding stays on its own line.
        by_digits = line.kind == "rounding" and line.before.endswith("%") and not rest.startswith(f"{line.before}, to ")
        if line.before != right or by_digits or not rest.startswith(f"{right}, "):
            return ""
        rest, _, right = rest.rpartition(" = ")
        left = f"{function}({left}{rest.removeprefix(line.before)}"
    return f"{left} = {right}" if e.text.partition(" (about")[0] == right else ""


def beside(line: Line) -> str:
    """Return the note of a line, unless it says the same as the line."""
    same = (f"{line.note} is yes", f"{line.note} is no", f"{line.note.replace(' = ', ' is ')}: yes")
    return "" if line.text in same else line.note


def file_of(e: Explanation) -> str:
    """Return the file of a value's rule."""
    return e.place.rpartition(":")[0]


def short_place(place: str) -> str:
    """Return a file and line without the folders, which the head names once."""
    return place.rpartition("/")[2]


def mark(found: tuple[Origin, ...]) -> str:
    """Return where a number comes from as a mark: `[source: guide_2020 p. 3]`, `[illustrative]`; empty if unsaid."""
    if not found:
        return ""
    cited = ", ".join(f"{origin.key} {origin.place}".rstrip() for origin in found if origin.key)
    return f"[{found[0].kind}: {cited}]" if cited else f"[{found[0].kind}]"


def reason_of(found: tuple[Origin, ...]) -> str:
    """Return how a derived number was derived, in words; empty for any other."""
    return found[0].by if found else ""


def said_of(e: Explanation) -> str:
    """Return in parentheses what kind of name it is and where it stands."""
    return "; ".join(part for part in (e.kind, short_place(e.place)) if part)


def says_more(e: Explanation) -> bool:
    """Return whether the title says more than the name."""
    return bool(e.title) and e.title.casefold() != e.name.partition(" of ")[0].replace("_", " ").casefold()


def absence_words(e: Explanation) -> str:
    """Return why a value is absent: its reason, where the reason came from, and why it arose there."""
    if e.absence is None:
        return ""
    reason = e.absence.reason.replace("_", " ")
    came = "" if len(e.absence.trail) == 1 else f", from {' from '.join(e.absence.trail[1:])}"
    cause = f": {e.absence.cause}" if e.absence.cause else ""
    return f"{reason}{came}{cause}"


class Cited:
    """Collects the sources that a page cites, each with the pages cited of it. Used once."""

    def __init__(self) -> None:
        """Start with none."""
        self._sources: dict[str, Origin] = {}
        self._pages: dict[str, dict[str, None]] = {}

    def add(self, found: tuple[Origin, ...]) -> None:
        """Remember the sources of a number."""
        for origin in found:
            if origin.key:
                self._sources.setdefault(origin.key, origin)
                self._pages.setdefault(origin.key, {}).update({origin.place: None} if origin.place else {})

    def entries(self) -> Iterator[tuple[str, str, str]]:
        """Yield key, description (title, publisher, citation, pages) and link of each source, in order of citing."""
        for key, origin in self._sources.items():
            parts = (origin.title, origin.publisher, origin.cite, *self._pages[key])
            yield key, ", ".join(part for part in parts if part), origin.link
