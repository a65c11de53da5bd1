"""From a trace to the tree that explains one of its values."""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vbc_rules.explain.facts import Facts, gather_facts
from vbc_rules.explain.marks import Marks
from vbc_rules.explain.scene import MOST_LISTED, Scene
from vbc_rules.explain.tree import Absence, Explanation, Line
from vbc_rules.explain.view import Key
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run.trace import CohortTrace, Trace


def explain(
    program: Program,
    trace: Trace | CohortTrace,
    ref: Ref,
    path: Path = (),
    *,
    header: Mapping[str, str] | None = None,
    depth: int | None = None,
    most_listed: int = MOST_LISTED,
    as_of: datetime.date | None = None,
    status: Literal["provisional", "final"] | None = None,
) -> Explanation:
    """Return how the value of `ref` at the instance `path` came about, down to inputs and parameters.

    `path` is as the trace has it. Seen from a participant (a `ParticipantTrace`, or a `CohortTrace` and a path that
    begins with its number), nothing of another participant is shown one by one: only how many there are, and what they
    come to together. Seen from a group or the cohort, the first `most_listed` members are listed and opened, the others
    stand together.

    Every value on the way is worked through again and compared with the trace: the explanation checks the engine.
    `header` is shown at the top (program, edition, versions), and `as_of` and `status`, of a result that has them, with
    the period in force. `depth` limits how many parts lie within parts.

    Raises KeyError for a name or an instance that does not exist, EvaluationError where the workings do not arrive at
    the value in the trace.
    """
    scene = Scene(program, trace, path, ref.level, most_listed)
    start = scene.start(ref, path)
    known = _everything(scene, start)
    top = Top(dict(header or {}), scene.warnings, as_of, status or "")
    return _Assembly(scene, known, top, depth).whole(start)


def _everything(scene: Scene, start: Key) -> Mapping[Key, Facts]:
    """Return the facts of `start` and of everything that it rests on.

    Members listed of other participants or groups are opened, but not what those list in turn; seen from a participant,
    nothing of others is opened.
    """
    furthest = 0 if scene.own is not None else 1
    known: dict[Key, Facts] = {}
    waiting: deque[tuple[int, Key]] = deque([(0, start)])
    while waiting:
        steps, key = waiting.popleft()
        if key in known:
            continue
        facts = known[key] = gather_facts(scene, key, closed=steps > furthest)
        for part in facts.reads:
            if part in facts.others:
                waiting.append((steps + 1, part))
            else:
                waiting.appendleft((steps, part))
    return known


@dataclass(frozen=True, slots=True)
class Top:
    """What stands at the top of an explanation only."""

    header: Mapping[str, str]
    warnings: tuple[str, ...]
    as_of: datetime.date | None
    status: str


class _Assembly:
    """Puts facts into a tree; each name is opened where it is first mentioned. Used once."""

    def __init__(self, scene: Scene, known: Mapping[Key, Facts], top: Top, depth: int | None) -> None:
        self.program = scene.program
        self.known = known
        self.top = top
        self.depth = depth
        self.opened: set[Key] = set()
        self.marks = Marks(scene.program)
        self.marked: dict[Key, tuple[str, ...]] = {}
        self.orders: dict[tuple[str, ...], str] = {}

    def whole(self, key: Key) -> Explanation:
        """Return the tree of `key`."""
        return self._place(key, 0)

    def _place(self, key: Key, level: int) -> Explanation:
        facts = self.known[key]
        repeated = key in self.opened
        cut = not repeated and (facts.is_closed or (self.depth is not None and level > self.depth))
        parts: tuple[Explanation, ...] = ()
        if not (repeated or cut):
            self.opened.add(key)
            within = self.depth is None or level < self.depth
            parts = tuple(self._place(part, level + 1) for part in facts.reads) if within else ()
        bare = repeated or cut
        return Explanation(
            name=self._name(facts),
            instance=facts.instance,
            ref=str(key.ref),
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
            warnings=self.top.warnings if level == 0 else (),
            parts=parts,
            repeated=repeated,
            cut=cut or (not bare and not parts and bool(facts.reads)),
            header=self.top.header if level == 0 else {},
            as_of=self.top.as_of if level == 0 else None,
            status=self.top.status if level == 0 else "",
            in_force=_period(self.program) if level == 0 else "",
        )

    def _lines(self, facts: Facts) -> tuple[Line, ...]:
        """Return the lines; an order of members is told in full once, then only where this member stands in it."""
        order = tuple(f"{line.label} {line.text}" for line in facts.lines if line.kind == "order")
        if not order:
            return facts.lines
        name = self._name(facts)
        first = self.orders.setdefault((str(facts.key.ref), *order), name)
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
        """Return the names under `key`, itself among them, whose numbers are marked illustrative.

        Of members that are only told together, and of what is not opened, every mark that their rules may meet.
        """
        found = self.marked.get(key)
        if found is None:
            self.marked[key] = ()
            facts = self.known[key]
            names = dict.fromkeys([self._name(facts)] if facts.illustrative else [])
            for part in facts.reads:
                names.update(dict.fromkeys(self._illustrative(part)))
            for ref in (*facts.unlisted, *([key.ref] if facts.is_closed else [])):
                names.update(dict.fromkeys(self.marks.under(ref)))
            found = self.marked[key] = tuple(names)
        return found

    def _name(self, facts: Facts) -> str:
        """Return the name with its instance: `points of safety`. What a listed member lies in, its own name says."""
        key, labels = facts.key, facts.instance
        if not labels:
            return facts.name
        level = key.outside or key.ref.level
        members = self.program.levels[level].members
        told = any(member.name == key.path[-1] and member.parent is not None for member in members)
        if told:
            depth = self.program.chain(level).index(self.program.root(level))
            labels = (*labels[: len(labels) - depth], labels[-1])
        return f"{facts.name} of {' / '.join(labels)}"


def _period(program: Program) -> str:
    """Return the period in force in words: `2024-01-01 through 2024-12-31`."""
    period = program.document.in_force
    first = f"{period.first}" if period.first is not None else ""
    last = f"through {period.last}" if period.last is not None else ""
    return f"{first} {last}".strip() if last else f"from {first}" if first else ""


def _failed(line: Line) -> bool:
    return line.kind == "test" and line.text.endswith((" is no", ": no"))
