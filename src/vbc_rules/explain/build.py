"""From a trace to the tree that explains one of its values."""

from __future__ import annotations

from collections.abc import Mapping

from vbc_rules.explain.facts import Facts, gather_facts
from vbc_rules.explain.tree import Absence, Explanation, Line
from vbc_rules.explain.view import Key
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.trace import Trace


def explain(
    program: Program,
    trace: Trace,
    ref: Ref,
    path: Path = (),
    *,
    header: Mapping[str, str] | None = None,
    depth: int | None = None,
) -> Explanation:
    """Return how the value of `ref` at the instance `path` came about, down to inputs and parameters.

    Every value on the way is worked through again and compared with the trace: the explanation checks the engine.
    `header` is shown at the top (program, edition, versions). `depth` limits how many parts lie within parts.

    Raises KeyError for a name or an instance that does not exist, EvaluationError where the workings do not arrive at
    the value in the trace.
    """
    known = _everything(program, trace, (ref, path))
    return _Assembly(program, known, trace.warnings, dict(header or {}), depth).whole((ref, path))


def _everything(program: Program, trace: Trace, start: Key) -> Mapping[Key, Facts]:
    """Return the facts of `start` and of everything that it rests on."""
    known: dict[Key, Facts] = {}
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key not in known:
            known[key] = gather_facts(program, trace, key)
            waiting.extend(known[key].reads)
    return known


class _Assembly:
    """Puts facts into a tree; each name is opened where it is first mentioned. Used once."""

    def __init__(
        self,
        program: Program,
        known: Mapping[Key, Facts],
        warnings: tuple[str, ...],
        header: Mapping[str, str],
        depth: int | None,
    ) -> None:
        self.program = program
        self.known = known
        self.warnings = warnings
        self.header = header
        self.depth = depth
        self.opened: set[Key] = set()
        self.marked: dict[Key, tuple[str, ...]] = {}
        self.orders: dict[tuple[str, ...], str] = {}

    def whole(self, key: Key) -> Explanation:
        """Return the tree of `key`."""
        return self._place(key, 0)

    def _place(self, key: Key, level: int) -> Explanation:
        facts = self.known[key]
        repeated = key in self.opened
        cut = not repeated and self.depth is not None and level > self.depth
        parts: tuple[Explanation, ...] = ()
        if not (repeated or cut):
            self.opened.add(key)
            within = self.depth is None or level < self.depth
            parts = tuple(self._place(part, level + 1) for part in facts.reads) if within else ()
        bare = repeated or cut
        return Explanation(
            name=self._name(facts),
            instance=facts.instance,
            ref=str(key[0]),
            title=facts.title,
            about=facts.about,
            kind=facts.kind,
            value=facts.value,
            text=facts.text,
            rule="" if bare else facts.rule,
            lines=() if bare else self._lines(facts),
            absence=self._absence(facts),
            place=facts.place,
            origins=facts.origins,
            illustrative=self._illustrative(key),
            warnings=self.warnings if level == 0 else (),
            parts=parts,
            repeated=repeated,
            cut=cut or (not bare and not parts and bool(facts.reads)),
            header=self.header if level == 0 else {},
        )

    def _lines(self, facts: Facts) -> tuple[Line, ...]:
        """Return the lines; an order of members is told in full once, then only where this member stands in it."""
        order = tuple(f"{line.label} {line.text}" for line in facts.lines if line.kind == "order")
        if not order:
            return facts.lines
        name = self._name(facts)
        first = self.orders.setdefault((str(facts.key[0]), *order), name)
        if first == name:
            return facts.lines
        told = Line("note", "order", f"as shown under {first}")
        return (told, *(line for line in facts.lines if line.kind != "order" or line.note))

    def _absence(self, facts: Facts) -> Absence | None:
        """Return why a value is absent, or paid nothing for it, followed to where the reason arose."""
        if not facts.reason:
            return None
        trail = [self._name(facts)]
        here = facts
        while here.because is not None and here.because in self.known:
            here = self.known[here.because]
            trail.append(self._name(here))
        failed = [line.text for line in here.lines if _failed(line)] if "does not hold" in here.cause else []
        return Absence(facts.reason, tuple(trail), here.cause, here.place, failed[-1] if failed else "")

    def _illustrative(self, key: Key) -> tuple[str, ...]:
        """Return the names under `key`, itself among them, whose numbers are marked illustrative."""
        found = self.marked.get(key)
        if found is None:
            facts = self.known[key]
            names = dict.fromkeys([self._name(facts)] if facts.illustrative else [])
            for part in facts.reads:
                names.update(dict.fromkeys(self._illustrative(part)))
            found = self.marked[key] = tuple(names)
        return found

    def _name(self, facts: Facts) -> str:
        """Return the name with its instance: `points of safety`. What a listed member lies in, its own name says."""
        (ref, path), labels = facts.key, facts.instance
        if not labels:
            return facts.name
        here = self.program.levels[ref.level]
        told = any(member.name == path[-1] and member.parent is not None for member in here.members)
        return f"{facts.name} of {' / '.join(labels[-1:] if told else labels)}"


def _failed(line: Line) -> bool:
    return line.kind == "test" and line.text.endswith((" is no", ": no"))
