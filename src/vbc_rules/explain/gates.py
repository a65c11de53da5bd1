"""What the gates on a payment did to it."""

from __future__ import annotations

from fractions import Fraction

from vbc_rules.errors import Code, EvaluationError
from vbc_rules.explain.company import gates_on
from vbc_rules.explain.numbers import literal, value_text
from vbc_rules.explain.shapes import work
from vbc_rules.explain.tree import Line
from vbc_rules.explain.view import View
from vbc_rules.explain.words import Author
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.resolve.expressions import Datum
from vbc_rules.resolve.program import AllocateShape, Definition, Gate
from vbc_rules.run.oracle import AbsentRead


def paid(payment: Definition, w: Workings) -> Datum:
    """Return what a payment is once every gate on it has acted; each is shown, held or failed.

    A failed gate on being in the program goes before all others; among the others the first in the file decides. What
    would have been paid is worked out too, where there is anything to work out: a share of a pool is not, and the
    payment's formula may read what only a gate that holds makes present.
    """
    gates = gates_on(w.view.program, payment)
    quiet = View(w.view.scene, w.view.level, w.view.path, None)
    failed = [gate for gate in gates if quiet.value(gate.ref) is False]
    found: Datum | None = None
    if not failed:
        found = work(payment, w)
    elif isinstance(payment.shape, AllocateShape):
        w.note("before", f"takes no part in sharing {payment.shape.pool.ref.name}")
    else:
        try:
            found = work(payment, w)
        except (AbsentRead, EvaluationError):
            w.forget()
        else:
            w.note("before", f"would have been {value_text(found, payment.type)}")
    for gate in gates:
        w.lines.append(_line(gate, payment, failed, w))
    if not failed:
        if found is None:
            raise EvaluationError(Code.EVALUATION, "a payment has no value", payment.ref.name)
        return found
    first = failed[0]
    if first.pays is None:
        return w.absent(NOT_IN_PROGRAM, f"gate `{first.ref.name}` failed", w.view.key(first.ref))
    return first.pays


def _line(gate: Gate, payment: Definition, failed: list[Gate], w: Workings) -> Line:
    rule = Author(w.view.program, gate.ref).words(gate.require)
    found = w.view.value(gate.ref)
    if gate not in failed:
        said = f"is {found}, and so does not act" if isinstance(found, Absent) else "held"
        return Line("gate", "gate", f"{gate.ref.name} {said}", note=rule)
    if gate.pays is None:
        does = "is not in the program"
    else:
        does = "pays nothing" if gate.pays == Fraction(0) else f"pays {literal(gate.pays, payment.type)}"
    if gate is not failed[0]:
        does += ", had an earlier gate not decided"
    return Line("gate", "gate", f"{gate.ref.name} failed: {does}", note=rule)
