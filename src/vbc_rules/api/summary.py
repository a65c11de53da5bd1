"""A result on a few lines, for whoever prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vbc_rules.api.values import text_value
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Datum

if TYPE_CHECKING:
    from vbc_rules.api.result import Result


def summary(result: Result) -> str:
    """Return the payments (the participant's values where nothing is paid), and what must be said beside them."""
    program = result.program
    root = program.resolved.participant
    own = [definition for definition in program.resolved.definitions if definition.ref.level == root]
    shown = [definition for definition in own if definition.role == "payment"] or own
    width = max((len(definition.title) for definition in shown), default=0)
    lines = [f"{program.title} ({program.identifier})"]
    lines += [
        f"  {definition.title:{width}}  {shown_value(result.trace.value(definition.ref, ()), definition.type)}"
        for definition in shown
    ]
    if result.failed_gates:
        lines.append(f"  failed gates: {', '.join(result.failed_gates)}")
    lines += [f"  warning: {warning}" for warning in result.warnings]
    if result.illustrative:
        lines.append(f"  illustrative numbers: {', '.join(result.illustrative)}")
    return "\n".join(lines)


def shown_value(value: Datum, type_: Type) -> str:
    """Return a value as people read it: money with its sign and thousands, percents with theirs, absences in words."""
    if isinstance(value, Absent):
        return str(value)
    text = text_value(value, type_)
    if isinstance(text, bool):
        return "yes" if text else "no"
    if type_.kind == "money" and "/" not in str(text):
        whole, _, cents = str(text).lstrip("-").partition(".")
        return f"{'-' if str(text).startswith('-') else ''}${int(whole):,}.{cents}"
    return str(text)
