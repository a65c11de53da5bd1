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

from vbc_rules.language import document
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import (
    COUNT,
    DATE,
    IDENTIFIER,
    MONEY,
    NUMBER,
    NUMBER_FAMILY,
    PERCENT,
    RATIO,
    YES_NO,
    Kind,
    Type,
)
from vbc_rules.plan.layout import NOT_GIVEN, Cell, Field, Layout, ListField, Row, make_layout
from vbc_rules.resolve import program as resolved
from vbc_rules.resolve.expressions import (
    Apply,
    Arithmetic,
    Compare,
    CompareOp,
    Constant,
    Datum,
    Every,
    Expr,
    Function,
    Gain,
    Gather,
    IfElse,
    InCodes,
    IsAbsent,
    Negate,
    Not,
    OnDate,
    OneOf,
    Plain,
    Read,
    Ref,
    Round,
    Rounding,
    Some,
)
from vbc_rules.source.span import SourceFile, Span

FILE = SourceFile("rules.yaml", "")
Mode: TypeAlias = Literal["half_up", "half_even", "down", "up", "floor", "ceiling"]
Written: TypeAlias = "Expr | str | int | bool"
"""An expression, or a literal as written in a file."""


def span(line: int = 1) -> Span:
    return Span(FILE, line, 1, line, 2)


# --- literals


def category(*options: str) -> Type:
    return Type("category", options)


def plain(text: str | int | bool, type_: Type | None = None) -> Plain:  # noqa: FBT001 (a literal)
    """Return the exact value of a literal: 5%, $1,250.00, 2.5, 2024-01-31, yes, or a word."""
    return literal(text, type_).value


def literal(written: str | int | bool, type_: Type | None = None) -> Constant:  # noqa: FBT001 (a literal)
    """Return a constant. A text that is no number, date, yes or no is a word of a category, or of `type_`."""
    text = ("yes" if written else "no") if isinstance(written, bool) else str(written)
    if type_ is not None and not type_.is_numeric and type_.kind not in ("date", "yes_no"):
        return Constant(span(), type_, text, text)
    if text in ("yes", "no"):
        return Constant(span(), YES_NO, text == "yes", text)
    if len(text) == 10 and text[4] == text[7] == "-":
        return Constant(span(), DATE, datetime.date.fromisoformat(text), text)
    digits = text.replace(",", "").replace("$", "").removesuffix("%")
    try:
        number = Fraction(digits)
    except ValueError:
        return Constant(span(), type_ or category(text), text, text)
    if text.endswith("%"):
        return Constant(span(), PERCENT, number / 100, text)
    return Constant(span(), MONEY if "$" in text else (type_ or NUMBER), number, text)


def expr(written: Written) -> Expr:
    """Return an expression as it is, a literal as a constant."""
    return literal(written) if isinstance(written, str | int) else written


# --- expressions


def ref(name: str, participant: str = "hospital") -> Ref:
    """Return `level.name`; a name alone is the participant's; `.name` is a parameter."""
    level, dot, own = name.rpartition(".")
    return Ref(level if dot else participant, own)


def read(name: str, type_: Type = NUMBER, participant: str = "hospital") -> Read:
    return Read(span(), type_, ref(name, participant))


def arithmetic(op: Literal["+", "-", "*", "/"], left: Written, right: Written, *, is_of: bool = False) -> Arithmetic:
    a, b = expr(left), expr(right)
    type_ = a.type
    if op == "*" and (a.type.kind in NUMBER_FAMILY or (a.type.kind == "percent" and b.type.kind not in NUMBER_FAMILY)):
        type_ = b.type
    if op == "/" and a.type.kind == b.type.kind and a.type.kind != "number":
        type_ = RATIO
    return Arithmetic(span(), type_, op, a, b, is_of)


def add(left: Written, right: Written) -> Arithmetic:
    return arithmetic("+", left, right)


def subtract(left: Written, right: Written) -> Arithmetic:
    return arithmetic("-", left, right)


def times(left: Written, right: Written) -> Arithmetic:
    return arithmetic("*", left, right)


def of(left: Written, right: Written) -> Arithmetic:
    return arithmetic("*", left, right, is_of=True)


def divide(left: Written, right: Written) -> Arithmetic:
    return arithmetic("/", left, right)


def negate(operand: Written) -> Negate:
    inner = expr(operand)
    return Negate(span(), inner.type, inner)


def compare(left: Written, op: CompareOp, right: Written) -> Compare:
    a = expr(left)
    b = literal(right, a.type) if isinstance(right, str | int) else right
    return Compare(span(), YES_NO, op, a, b)


def one_of(subject: Expr, *options: Written, negated: bool = False) -> OneOf:
    found = tuple(literal(o, subject.type) if isinstance(o, str | int) else o for o in options)
    return OneOf(span(), YES_NO, subject, found, negated)


def in_codes(subject: Expr, parameter: str, *, negated: bool = False) -> InCodes:
    return InCodes(span(), YES_NO, subject, parameter, negated)


def every(*operands: Written) -> Every:
    return Every(span(), YES_NO, tuple(map(expr, operands)))


def some(*operands: Written) -> Some:
    return Some(span(), YES_NO, tuple(map(expr, operands)))


def negation(operand: Written) -> Not:
    return Not(span(), YES_NO, expr(operand))


def if_else(condition: Written, then: Written, otherwise: Written) -> IfElse:
    taken = expr(then)
    return IfElse(span(), taken.type, expr(condition), taken, expr(otherwise))


def is_absent(name: Read | str, reason: str | None = None, *, negated: bool = False) -> IsAbsent:
    found = name.ref if isinstance(name, Read) else ref(name)
    return IsAbsent(span(), YES_NO, found, reason, negated)


def gain(left: Written, right: Written, direction: Written) -> Gain:
    a = expr(left)
    d = literal(direction, Type("direction")) if isinstance(direction, str | int) else direction
    return Gain(span(), a.type, a, expr(right), d)


def apply(function: Function, *arguments: Written, type_: Type | None = None) -> Apply:
    found = tuple(map(expr, arguments))
    return Apply(span(), type_ or found[0].type, function, found)


def rounding(unit: str, mode: Mode = "half_up", line: int = 1) -> Rounding:
    return Rounding(Fraction(unit), mode, f"to {unit} {mode}", span(line))


def rounded(operand: Written, unit: str, mode: Mode = "half_up") -> Round:
    inner = expr(operand)
    return Round(span(), inner.type, inner, rounding(unit, mode))


def on_date(parameter: str, when: Written, type_: Type = PERCENT) -> OnDate:
    return OnDate(span(), type_, parameter, expr(when))


def gathered(  # a Gather expression, as in `sum(present score where counts)`
    function: str,
    level: str,
    item: Expr | None = None,
    *,
    where: Expr | None = None,
    present: bool = False,
    within: str = "hospital",
) -> Gather:
    type_ = YES_NO if function in ("any", "all") else COUNT if item is None or function == "count" else item.type
    return Gather(span(), type_, function, level, within, item, where, present)


# --- shapes


def outcome(
    written: Written,
    *,
    at_least: Written | None = None,
    at_most: Written | None = None,
    round_to: Rounding | None = None,
) -> resolved.Outcome:
    low, high = (None if bound is None else expr(bound) for bound in (at_least, at_most))
    return resolved.Outcome(span(), expr(written), None, low, high, round_to, None)


def no_outcome(reason: str) -> resolved.Outcome:
    """Return the outcome written `absent reason`."""
    return resolved.Outcome(span(), None, reason, None, None, None, None)


Result: TypeAlias = "resolved.Outcome | Written"


def _outcome(result: Result) -> resolved.Outcome:
    return result if isinstance(result, resolved.Outcome) else outcome(result)


def policy(every: str | None = None, **by_reason: str) -> resolved.Policy:  # one action, or one by reason
    return resolved.Policy(every, tuple(by_reason.items()), span())


def formula(written: Result) -> resolved.FormulaShape:
    return resolved.FormulaShape(span(), _outcome(written))


def choose(*cases: tuple[Written, Result], otherwise: Result) -> resolved.ChooseShape:
    found = tuple(resolved.Case(expr(when), _outcome(result)) for when, result in cases)
    return resolved.ChooseShape(span(), found, _outcome(otherwise))


_TESTS: Mapping[str, CompareOp] = {
    "at_least": ">=",
    "at_most": "<=",
    "more_than": ">",
    "less_than": "<",
    "reaches": ">=",
}


def tiers(subject: Expr, *steps: tuple[str, Written, Result], otherwise: Result) -> resolved.TiersShape:
    """`(kind, bound, result)` for each step; `reaches` here is for a measure whose higher values are better."""
    found = tuple(
        resolved.Step(kind, expr(bound), compare(subject, _TESTS[kind], bound), _outcome(result))
        for kind, bound, result in steps
    )
    return resolved.TiersShape(span(), subject, found, _outcome(otherwise))


def interpolate(
    subject: Expr, *points: tuple[Written, Written], below: Result | None = None, above: Result | None = None
) -> resolved.InterpolateShape:
    found = tuple(resolved.Point(expr(at), expr(value), None) for at, value in points)
    outside = [None if side is None else _outcome(side) for side in (below, above)]
    return resolved.InterpolateShape(span(), subject, found, outside[0], outside[1])


def table(columns: Sequence[Expr], *rows: tuple[Sequence[Expr | None], Result]) -> resolved.TableShape:
    found = tuple(resolved.Row(tuple(tests), _outcome(result), span()) for tests, result in rows)
    return resolved.TableShape(span(), tuple(columns), found)


def by_member(level: str, **outcomes: Result) -> resolved.ByMemberShape:
    return resolved.ByMemberShape(span(), level, tuple((name, _outcome(o)) for name, o in outcomes.items()))


def higher_of(*items: Written, absent: resolved.Policy | None = None, lower: bool = False) -> resolved.HigherOfShape:
    return resolved.HigherOfShape(span(), lower, tuple(map(expr, items)), absent)


def gather(
    function: str,
    level: str,
    item: Expr | None = None,
    *,
    within: str = "hospital",
    where: Expr | None = None,
    weight: Expr | None = None,
    absent: resolved.Policy | None = None,
    needed_present: Written | None = None,
    needed: Written | None = None,
    at: Written | None = None,
    definition: str | None = None,
    if_none: bool | None = None,
) -> resolved.GatherShape:
    bounds = [None if bound is None else expr(bound) for bound in (needed_present, needed, at)]
    return resolved.GatherShape(
        span(),
        function,
        level,
        within,
        item,
        where,
        weight,
        absent,
        bounds[0],
        bounds[1],
        bounds[2],
        definition,
        if_none,
    )


def top(
    how_many: Written,
    level: str,
    *order: Expr,
    ties: Ref | None = None,
    absent: resolved.Policy | None = None,
    is_share: bool = False,
    round_count: Rounding | None = None,
    within: str = "hospital",
) -> resolved.TopShape:
    return resolved.TopShape(span(), level, within, expr(how_many), is_share, tuple(order), ties, absent, round_count)


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

Given: TypeAlias = "str | int | bool | Absent | list[dict[str, Given]]"


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
        assert isinstance(items, list)
        return tuple(encode(program, item, field.layout) for item in items)
    assert not isinstance(given, list)
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
