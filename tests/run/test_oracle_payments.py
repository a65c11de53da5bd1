"""Payments: what gates do to them, and what an absent one pays."""

from __future__ import annotations

from dataclasses import replace

from tests.run.building import (
    Building,
    Given,
    datum,
    encode,
    formula,
    gather,
    negation,
    of,
    oracle,
    read,
    rounding,
    subtract,
)
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import MONEY, PERCENT, YES_NO
from vbc_rules.plan.layout import make_layout
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.run.oracle import evaluate

LOST = Absent("lost")
OUT = Absent("not_in_program")


def paying(*, pays_nothing: bool = False) -> Building:
    """Return a program of two payments: `attested` acts on both, `prompt` (behind it in the file) on the second."""
    b = Building()
    score = b.input("score", PERCENT, reasons=("lost",))
    base = b.input("base", MONEY)
    member, signed, on_time = (b.input(name, YES_NO) for name in ("member", "signed", "on_time"))
    first, second = read("first", MONEY), read("second", MONEY)
    b.gate("in_program", member)
    b.gate("attested", signed, pays="$0", on=[first, second])
    b.gate("prompt", on_time, pays="$5", on=[second])
    for name in ("first", "second"):
        b.payment(
            name,
            MONEY,
            formula(of(score, base)),
            needs=(score,),
            rounding=rounding("0.01", "down"),
            pays_nothing=pays_nothing,
        )
    return b


def paid(
    score: str | Absent = "33.3333%",
    *,
    pays_nothing: bool = False,
    member: bool = True,
    signed: bool = True,
    on_time: bool = True,
) -> tuple[Datum, Datum]:
    """Return the two payments."""
    given: dict[str, Given] = {
        "score": score,
        "base": "$100",
        "member": member,
        "signed": signed,
        "on_time": on_time,
    }
    trace = oracle(paying(pays_nothing=pays_nothing), given)
    assert trace.value(Ref("hospital", "attested"), ()) is signed
    return trace.value(Ref("hospital", "first"), ()), trace.value(Ref("hospital", "second"), ())


THIRD = datum("$33.33")


def test_where_every_gate_holds_payments_are_what_they_are() -> None:
    assert paid() == (THIRD, THIRD)


def test_an_absent_payment_stays_absent_or_pays_nothing() -> None:
    assert paid(LOST) == (LOST, LOST)
    assert paid(LOST, pays_nothing=True) == (0, 0)


def test_a_failed_gate_replaces_the_payments_it_is_on() -> None:
    assert paid(on_time=False) == (THIRD, 5)
    assert paid(signed=False) == (0, 0)


def test_where_several_gates_fail_the_first_in_the_file_decides() -> None:
    assert paid(signed=False, on_time=False) == (0, 0)


def test_the_order_is_that_of_the_file_not_of_the_steps() -> None:
    b = paying()
    program = b.program()
    gates, rest = program.steps[:3], program.steps[3:]
    turned = replace(program, steps=(gates[0], gates[2], gates[1], *rest))
    given: dict[str, Given] = {"score": "1%", "base": "$100", "member": True, "signed": False, "on_time": False}
    trace = evaluate(turned, make_layout(turned), encode(turned, given))
    assert trace.value(Ref("hospital", "second"), ()) == 0


def test_a_failed_gate_pays_also_where_the_payment_is_absent() -> None:
    assert paid(LOST, on_time=False) == (LOST, 5)
    assert paid(LOST, signed=False) == (0, 0)


def test_who_is_not_in_the_program_is_paid_nothing_at_all_not_even_zero() -> None:
    assert paid(member=False) == (OUT, OUT)
    assert paid(member=False, signed=False, on_time=False) == (OUT, OUT)
    assert paid(LOST, member=False, pays_nothing=True) == (OUT, OUT)


def test_gates_act_on_the_payments_of_their_own_instance_and_below() -> None:
    b = Building()
    b.members("domain", {}, {"safety": {}, "cost": {}})
    b.members("measure", {}, {"m1": {"in": "safety"}, "m2": {"in": "cost"}}, within="domain")
    met = b.input("domain.met", YES_NO)
    amount = b.input("measure.amount", MONEY)
    b.gate("domain.gate", negation(negation(met)), pays="$1", on=[read("measure.paid", MONEY)])
    b.payment("measure.paid", MONEY, formula(amount))
    b.payment("total", MONEY, gather("sum", "measure", b.read("measure.paid")))
    trace = oracle(b, {"safety.met": False, "cost.met": True, "safety.m1.amount": "$50", "cost.m2.amount": "$50"})
    assert trace.value(Ref("measure", "paid"), ("safety", "m1")) == 1
    assert trace.value(Ref("measure", "paid"), ("cost", "m2")) == 50
    assert trace.value(Ref("hospital", "total"), ()) == 51
    assert trace.value(Ref("domain", "gate"), ("safety",)) is False


def test_a_payment_may_be_read_by_another() -> None:
    b = Building()
    base = b.input("base", MONEY)
    first = b.payment("first", MONEY, formula(of("10%", base)))
    b.payment("rest", MONEY, formula(subtract(base, first)))
    assert oracle(b, {"base": "$10"}).value(Ref("hospital", "rest"), ()) == 9
