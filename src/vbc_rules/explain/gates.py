"""What the gates on a payment did to it."""

from __future__ import annotations

from fractions import Fraction

from vbc_rules.explain.numbers import literal, value_text
from vbc_rules.explain.tree import Line
from vbc_rules.explain.words import Author
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import NOT_IN_PROGRAM
from vbc_rules.resolve.expressions import Datum
from vbc_rules.resolve.program import Definition, Gate


def after_gates(payment: Definition, found: Datum, w: Workings) -> Datum:
    """Return what a payment is once every gate on it has acted; each is shown, held or failed.

    A failed gate on being in the program goes before all others; among the others the first in the file decides.
    """
    above = w.view.program.chain(payment.ref.level)
    gates = [
        gate
        for gate in w.view.program.gates
        if gate.ref.level in above and (gate.pays is None or payment.ref in gate.on)
    ]
    gates.sort(key=lambda gate: (gate.pays is not None, gate.span.line, gate.span.column))
    failed = [gate for gate in gates if w.view.value(gate.ref) is False]
    if failed:
        w.note("before", f"would have been {value_text(found, payment.type)}")
    for gate in gates:
        w.lines.append(_line(gate, payment, failed, w))
    if not failed:
        return found
    first = failed[0]
    if first.pays is None:
        return w.absent(NOT_IN_PROGRAM, f"gate `{first.ref.name}` failed", w.view.key(first.ref))
    return first.pays


def _line(gate: Gate, payment: Definition, failed: list[Gate], w: Workings) -> Line:
    rule = Author(w.view.program, gate.ref).words(gate.require)
    if gate not in failed:
        return Line("gate", "gate", f"{gate.ref.name} held", note=rule)
    if gate.pays is None:
        does = "is not in the program"
    else:
        does = "pays nothing" if gate.pays == Fraction(0) else f"pays {literal(gate.pays, payment.type)}"
    if gate is not failed[0]:
        does += ", had an earlier gate not decided"
    return Line("gate", "gate", f"{gate.ref.name} failed: {does}", note=rule)
