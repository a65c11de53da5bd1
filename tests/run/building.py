"""Small resolved programs written by hand: what the resolver would make of a short file.

    b = Building("hospital")
    b.input("payments", MONEY, low="$0", high="$1,000")
    b.members("domain", {"weight": PERCENT}, {"safety": {"weight": "40%"}, "cost": {"weight": "60%"}})
    b.input("domain.points", COUNT, high="10", reasons=("not_reported",))
    b.value("score", NUMBER, gather("weighted_mean", "domain", b.read("domain.points"), weight=b.read("domain.weight")))
    b.payment("paid", MONEY, formula(of("5%", b.read("payments"))), rounding=rounding("0.01", "down"))
    program = b.program()
    row = encode(program, {"payments": "$100", "safety.points": 3, "cost.points": Absent("not_reported")})

A name without a level is the participant's; literals are written as in a file. Every new thing stands on a line of its
own of `rules.yaml`, in the order it was added.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from tests.run.writing import (
    FILE,
    Result,
    Written,
    add,
    apply,
    arithmetic,
    by_member,
    category,
    choose,
    compare,
    divide,
    every,
    expr,
    formula,
    gain,
    gather,
    gathered,
    higher_of,
    if_else,
    in_codes,
    interpolate,
    is_absent,
    literal,
    negate,
    negation,
    no_outcome,
    of,
    on_date,
    one_of,
    outcome,
    plain,
    policy,
    read,
    ref,
    rounded,
    rounding,
    some,
    span,
    subtract,
    table,
    tiers,
    times,
    top,
)
from vbc_rules.language import document
from vbc_rules.language.absence import Absent
from vbc_rules.language.rounding import RoundingMode
from vbc_rules.language.types import (
    IDENTIFIER,
    NUMBER,
    YES_NO,
    Kind,
    Type,
)
from vbc_rules.plan.layout import NOT_GIVEN, Cell, Field, Layout, ListField, Row, make_layout
from vbc_rules.resolve import program as resolved
from vbc_rules.resolve.expressions import (
    Datum,
    Expr,
    Plain,
    Read,
    Ref,
    Rounding,
)
from vbc_rules.resolve.populations import uppers_of
from vbc_rules.run.oracle import OracleTrace, evaluate
from vbc_rules.source.span import Span

__all__ = [
    "FILE",
    "Building",
    "Given",
    "Result",
    "RoundingMode",
    "Written",
    "add",
    "apply",
    "arithmetic",
    "by_member",
    "category",
    "choose",
    "compare",
    "divide",
    "encode",
    "every",
    "expr",
    "formula",
    "gain",
    "gather",
    "gathered",
    "higher_of",
    "if_else",
    "in_codes",
    "interpolate",
    "is_absent",
    "literal",
    "negate",
    "negation",
    "no_outcome",
    "of",
    "on_date",
    "one_of",
    "oracle",
    "outcome",
    "plain",
    "policy",
    "read",
    "ref",
    "rounded",
    "rounding",
    "some",
    "span",
    "subtract",
    "table",
    "tiers",
    "times",
    "top",
]


# --- programs

_DECIMALS: Mapping[Kind, int] = {"money": 2, "count": 0, "points": 2, "percent": 4, "number": 6}


class Building:
    """A program as it grows. Definitions and gates act in the order in which they were added."""

    def __init__(
        self,
        participant: str = "hospital",
        *,
        first: datetime.date | None = datetime.date(2024, 1, 1),
        last: datetime.date | None = datetime.date(2024, 12, 31),
    ) -> None:
        self.participant = participant
        self._period = document.Period(first, last, span())
        self._line = 0
        self._levels: dict[str, resolved.Level] = {}
        self._slots: dict[Ref, resolved.Slot] = {}
        self._parameters: dict[str, resolved.Parameter] = {}
        self._inputs: dict[Ref, resolved.Input] = {}
        self._steps: list[resolved.Definition | resolved.Gate] = []
        self._expected: list[resolved.Expectation] = []
        self._guarantees: list[resolved.Guarantee] = []
        self._level("cohort", "cohort", None)
        self._level(participant, "participant", "cohort")
        self._slot(Ref(participant, participant), "name", IDENTIFIER)

    # --- levels

    def members(
        self,
        name: str,
        cells: Mapping[str, Type],
        members: Mapping[str, Mapping[str, str | Absent]],
        *,
        within: str | None = None,
    ) -> None:
        """Add a level of listed members. A member's cell `in` names the parent's member it lies in."""
        here = self._next()
        listed = tuple(
            resolved.Member(
                member,
                str(given["in"]) if "in" in given else None,
                {c: v if isinstance(v, Absent) else plain(v, cells[c]) for c, v in given.items() if c != "in"},
                "",
                here,
                None,
            )
            for member, given in members.items()
        )
        self._level(name, "members", within or self.participant, listed, line=here)
        self._slot(Ref(name, name), "name", category(*members))
        for cell, type_ in cells.items():
            self._slot(Ref(name, cell), "cell", type_)

    def items(self, name: str, *, key: str | None = None, at_most: int = 3, within: str | None = None) -> None:
        """Add a list level; its `key` is one of its inputs."""
        self._level(name, "list", within or self.participant, key=key, at_most=at_most)
        self._slot(Ref(name, name), "name", IDENTIFIER)

    # --- what is given

    def input(
        self,
        name: str,
        type_: Type = NUMBER,
        *,
        decimals: int | None = None,
        low: str | None = None,
        high: str | None = None,
        reasons: tuple[str, ...] = (),
        only_if: Expr | None = None,
        otherwise: str | None = None,
    ) -> Read:
        found = ref(name, self.participant)
        domain = _domain(type_, decimals, low, high, reasons)
        self._inputs[found] = resolved.Input(found, domain, only_if, otherwise, "", "", self._next())
        self._slot(found, "input", type_)
        return self.read(name)

    def parameter(self, name: str, written: str, type_: Type | None = None) -> Read:
        constant = literal(written, type_)
        return self._parameter(name, type_ or constant.type, value=constant.value, text=written)

    def required(
        self, name: str, type_: Type, *, decimals: int | None = None, low: str | None = None, high: str | None = None
    ) -> Read:
        return self._parameter(name, type_, required=True, domain=_domain(type_, decimals, low, high, ()))

    def codes(self, name: str, *codes: str) -> None:
        self._parameter(name, Type("codes"), codes=codes)

    def dated(
        self,
        name: str,
        type_: Type,
        *spans: tuple[str | None, str | None, str | None],
        stated_through: str | None = None,
        carry_after: bool = False,
    ) -> Read:
        """Add a dated parameter from `(first, last, value)`; value None where the record is silent."""
        dated = tuple(
            resolved.DatedValue(_day(first), _day(last), None if v is None else plain(v, type_), None)
            for first, last, v in spans
        )
        return self._parameter(name, type_, dated=dated, stated_through=_day(stated_through), carry_after=carry_after)

    # --- what is computed

    def value(self, name: str, type_: Type, shape: resolved.Shape, **also: object) -> Read:
        return self._define("value", name, type_, shape, also)

    def payment(self, name: str, type_: Type, shape: resolved.Shape, **also: object) -> Read:
        """As `value`, with `pays_nothing` for a payment that is nothing where it would be absent."""
        return self._define("payment", name, type_, shape, also)

    def gate(self, name: str, require: Expr, *, pays: str | None = None, on: Sequence[Read] = ()) -> Read:
        """Add a gate: without `pays` it decides on being in the program."""
        found = ref(name, self.participant)
        amount = None if pays is None else Fraction(plain(pays))  # type: ignore[arg-type]  # a quantity
        self._steps.append(resolved.Gate(found, require, amount, tuple(r.ref for r in on), "", None, self._next()))
        self._slot(found, "gate", YES_NO)
        return self.read(name)

    def expect(self, condition: Expr, text: str, level: str | None = None) -> None:
        self._expected.append(resolved.Expectation(level or self.participant, condition, text, self._next()))

    def guarantee(self, condition: Expr, text: str, level: str | None = None) -> None:
        self._guarantees.append(resolved.Guarantee(level or self.participant, condition, text, self._next()))

    # --- the whole

    def read(self, name: str) -> Read:
        """Read something added before, with its type."""
        found = ref(name, self.participant)
        type_ = self._parameters[found.name].type if found.level == "" else self._slots[found].type
        return Read(span(), type_, found)

    def program(self) -> resolved.Program:
        word = document.Word("test/program", span())
        doc = document.Document(
            span=span(),
            program=word,
            edition=document.Word("2024", span()),
            language=1,
            title="A test",
            participant=document.Word(self.participant, span()),
            identifier_is_public=False,
            in_force=self._period,
            measured_over={},
            currency=None,
            sources=(),
            parameters=(),
            levels=(),
            inputs=(),
            expected=(),
            values=(),
            gates=(),
            payments=(),
            guarantees=(),
        )
        return resolved.Program(
            doc,
            self.participant,
            dict(self._levels),
            dict(self._slots),
            dict(self._parameters),
            dict(self._inputs),
            tuple(self._steps),
            tuple(self._expected),
            tuple(self._guarantees),
            uppers=uppers_of(self._levels),
        )

    # --- inside

    def _next(self) -> Span:
        self._line += 1
        return span(self._line)

    def _slot(
        self, found: Ref, kind: Literal["input", "value", "payment", "gate", "cell", "name"], type_: Type
    ) -> None:
        self._slots[found] = resolved.Slot(found, kind, type_, span(max(self._line, 1)))

    def _level(
        self,
        name: str,
        kind: Literal["cohort", "participant", "members", "list", "groups"],
        parent: str | None,
        members: tuple[resolved.Member, ...] = (),
        *,
        key: str | None = None,
        at_most: int | None = None,
        line: Span | None = None,
    ) -> None:
        here = line or span()
        self._levels[name] = resolved.Level(name, kind, parent, members, key, at_most, None, (), here, name)

    def _parameter(
        self,
        name: str,
        type_: Type,
        *,
        value: Plain | None = None,
        text: str = "",
        required: bool = False,
        domain: resolved.Domain | None = None,
        dated: tuple[resolved.DatedValue, ...] = (),
        stated_through: datetime.date | None = None,
        carry_after: bool = False,
        codes: tuple[str, ...] = (),
    ) -> Read:
        self._parameters[name] = resolved.Parameter(
            name,
            type_,
            value,
            text,
            required,
            domain,
            dated,
            stated_through,
            carry_after,
            codes,
            "",
            "",
            None,
            self._next(),
        )
        return Read(span(), type_, Ref("", name))

    def _define(
        self,
        role: Literal["value", "payment"],
        name: str,
        type_: Type,
        shape: resolved.Shape,
        also: Mapping[str, object],
    ) -> Read:
        """`also`: needs, only_if, otherwise, at_least, at_most, rounding, pays_nothing."""
        unknown = set(also) - {"needs", "only_if", "otherwise", "at_least", "at_most", "rounding", "pays_nothing"}
        if unknown:
            raise TypeError(f"unknown: {sorted(unknown)}")
        found = ref(name, self.participant)
        needs = also.get("needs", ())
        assert isinstance(needs, tuple)
        round_to, otherwise = also.get("rounding"), also.get("otherwise")
        assert round_to is None or isinstance(round_to, Rounding)
        assert otherwise is None or isinstance(otherwise, str)
        self._steps.append(
            resolved.Definition(
                role,
                found,
                type_,
                needs,
                _maybe(also.get("only_if")),
                otherwise,
                shape,
                _maybe(also.get("at_least")),
                _maybe(also.get("at_most")),
                round_to,
                bool(also.get("pays_nothing", False)),
                None,
                "",
                "",
                None,
                self._next(),
            )
        )
        self._slot(found, role, type_)
        return self.read(name)


def _maybe(written: object) -> Expr | None:
    if written is None or isinstance(written, get_args(Expr)):
        return written
    assert isinstance(written, str | int)
    return literal(written)


def _day(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)


def _domain(
    type_: Type, decimals: int | None, low: str | None, high: str | None, reasons: tuple[str, ...]
) -> resolved.Domain:
    ends: list[Fraction | datetime.date | None] = []
    for end in (low, high):
        found = None if end is None else plain(end, type_)
        assert found is None or isinstance(found, Fraction | datetime.date)
        ends.append(found)
    digits = _DECIMALS.get(type_.kind, 0) if decimals is None else decimals
    return resolved.Domain(type_, digits, ends[0], ends[1], reasons)


# --- data

Given: TypeAlias = "str | int | bool | Absent | Sequence[Mapping[str, Given]]"


def encode(program: resolved.Program, given: Mapping[str, Given], layout: Layout | None = None) -> Row:
    """Return the row of what is given, by dotted path: `payments`, `safety.points`, a list's `safety.case`.

    A quantity is written as in a file ("5%", "$12.50", 3). What is not given is NOT_GIVEN; the participant's identifier
    is "010001" and a list is empty.
    """
    layout = layout or make_layout(program)
    names = {".".join(str(part) for part in (*f.path, f.level if isinstance(f, ListField) else f.ref.name)): f
             for f in layout.fields}  # fmt: skip
    if unknown := set(given) - set(names):
        raise KeyError(f"not in the layout: {sorted(unknown)}; known: {sorted(names)}")
    return tuple(_cell(program, field, given.get(name, NOT_GIVEN)) for name, field in names.items())


def _cell(program: resolved.Program, field: Field | ListField, given: Given) -> Cell:
    if isinstance(field, ListField):
        items = [] if given is NOT_GIVEN else given
        assert not isinstance(items, str | int | Absent)
        return tuple(encode(program, item, field.layout) for item in items)
    assert isinstance(given, str | int | Absent)
    if given is NOT_GIVEN and field.domain is None:
        return "010001"
    if isinstance(given, Absent):
        return given
    found = plain(given, field.type)
    if isinstance(found, datetime.date):
        return found.toordinal()
    if isinstance(found, Fraction):
        scaled = found * 10**field.scale
        assert scaled.denominator == 1, f"more decimals than {field.ref} declares"
        return int(scaled)
    return found


def datum(written: str | int | bool | Absent, type_: Type | None = None) -> Datum:  # noqa: FBT001 (a literal)
    """Return what an engine should find, written as in a file."""
    return written if isinstance(written, Absent) else plain(written, type_)


def oracle(building: Building, given: Mapping[str, Given] | None = None) -> OracleTrace:
    """Return what the oracle finds."""
    program = building.program()
    return evaluate(program, make_layout(program), encode(program, given or {}))
