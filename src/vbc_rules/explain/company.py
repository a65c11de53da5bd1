"""Who takes part where members are settled together: a place among the first, a standing, a share of a pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from vbc_rules.explain.arithmetic import remember
from vbc_rules.explain.numbers import literal
from vbc_rules.explain.view import Key, Quiet
from vbc_rules.explain.words import words
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import NUMBER, YES_NO
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Read
from vbc_rules.resolve.program import AllocateShape, Collective, Definition, Gate, Program


@dataclass(frozen=True, slots=True)
class Company:
    """The members that take part under one instance of `within`, in order; and how many do not, and why."""

    paths: tuple[Path, ...]
    out: Counter[str]

    def out_words(self) -> str:
        """Return how many take no part, and why; empty where all do."""
        if not self.out:
            return ""
        said = ((f"{count:,} {'takes' if count == 1 else 'take'} no part", why) for why, count in self.out.items())
        return "; ".join(f"{who}: {why}" for who, why in said)


def gates_on(program: Program, payment: Definition) -> list[Gate]:
    """Return the gates on a payment, at its own level and above; what decides on being in the program comes first."""
    above = (payment.ref.level, *program.uppers[payment.ref.level])
    gates = [
        gate for gate in program.gates if gate.ref.level in above and (gate.pays is None or payment.ref in gate.on)
    ]
    gates.sort(key=lambda gate: (gate.pays is not None, gate.span.line, gate.span.column))
    return gates


def company_of(definition: Definition, shape: Collective, w: Workings) -> Company | Absent:
    """Return who takes part together with this member; Absent where it is in no such group."""
    scene = w.view.scene
    within = w.view.at(shape.within)
    if isinstance(within, Absent):
        level, path = scene.outside(w.view.level, w.view.path, shape.within)
        reason, ref, at = scene.why_outside(level, path, shape.within)
        key = Key(ref, at)
        remember(w.view, key)
        return w.absent(reason, f"it is in no {shape.within}", key)
    known = scene.settled.get((definition.ref, within))
    tests = _tests(definition, w)
    if isinstance(known, Company):
        return known
    taking: list[Path] = []
    out: Counter[str] = Counter()
    for path in scene.members(shape.level, shape.within, within):
        why = next((said for test in tests if (said := test(path))), "")
        if why:
            out[why] += 1
        else:
            taking.append(path)
    found = Company(tuple(taking), out)
    scene.settled[definition.ref, within] = found
    return found


def _tests(definition: Definition, w: Workings) -> list[Callable[[Path], str]]:
    """Return tests that say why a member takes no part; empty where it does."""
    level = definition.ref.level
    found: list[Callable[[Path], str]] = []
    if definition.role == "payment":
        found.extend(
            _failing(w.view.unlisted(level, Read(gate.span, YES_NO, gate.ref)), gate.ref.name)
            for gate in gates_on(w.view.program, definition)
            if gate.pays is not None or w.view.scene.cohort is None
        )
    found.extend(_lacking(w.view.unlisted(level, needed)) for needed in definition.needs)
    if definition.only_if is not None:
        said = f"`{words(definition.only_if)}` does not hold"
        found.append(_without(w.view.unlisted(level, definition.only_if), said))
    return found


def _failing(read: Quiet, name: str) -> Callable[[Path], str]:
    return lambda path: f"{name} failed" if read(path) is False else ""


def _lacking(read: Quiet) -> Callable[[Path], str]:
    def test(path: Path) -> str:
        value = read(path)
        return str(value) if isinstance(value, Absent) else ""

    return test


def _without(read: Quiet, said: str) -> Callable[[Path], str]:
    return lambda path: "" if read(path) is True else said


def numbered(count: int) -> str:
    """Return a count as it stands on a checked line."""
    return literal(Fraction(count), NUMBER)


def tell_company(label: str, count: int, company: Company, shape: Collective, w: Workings) -> None:
    """Say how many take part, and how many do not and why."""
    where = "the cohort" if w.view.program.levels[shape.within].kind == "cohort" else f"this {shape.within}"
    if isinstance(shape, AllocateShape):
        does = "takes part" if count == 1 else "take part"
    else:
        does = "is compared" if count == 1 else "are compared"
    out = company.out_words()
    w.note(label, f"{count:,} in {where} {does}{f'; {out}' if out else ''}")
