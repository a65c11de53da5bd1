"""A rule file as its author wrote it: every section, every shape, every formula parsed, every word with its place.

Nothing is resolved here: names are words, numbers are literals. What the pieces mean is settled in `resolve`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from vbc_rules.language import syntax
from vbc_rules.language.rounding import RoundingMode
from vbc_rules.source.span import Span


@dataclass(frozen=True, slots=True)
class Word:
    """A name or a piece of text, and where it stands."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula: its text as written, its place, and what was parsed."""

    text: str
    span: Span
    expression: syntax.Expression


# --- where numbers come from --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Citation:
    """`guide_2020 p. 15`: a key into the file's sources and the place within that source ("" if none)."""

    key: Word
    place: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number comes from. `derived` has citations and `by`, the arithmetic in words."""

    kind: Literal["source", "derived", "illustrative", "required"]
    span: Span
    citations: tuple[Citation, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of `sources`."""

    key: Word
    title: str
    publisher: str | None
    date: datetime.date | None
    cite: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class Period:
    """`{from: .., through: ..}`, both days included; an open end is None."""

    first: datetime.date | None
    last: datetime.date | None
    span: Span


# --- declarations -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a parameter, a level's parameter or an input may hold.

    `type` is one of identifier, text, category, yes_no, date, money, percent, number, count, points, direction, codes.
    `low` and `high` are literals (dates for a date) or None for an open end; `reasons` are the permitted absences.
    """

    type: Word
    span: Span
    options: tuple[Word, ...] = ()
    decimals: int | None = None
    low: syntax.Expression | None = None
    high: syntax.Expression | None = None
    range_span: Span | None = None
    reasons: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Dated:
    """One span of a dated parameter; `value` is None where the record is silent (`unstated: yes`)."""

    first: datetime.date | None
    last: datetime.date | None
    value: Word | None
    provenance: Provenance | None
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """One entry of `parameters`: plain (`value`), required, dated, or a list of codes (`codes`).

    `declaration` is None where the type is not written; then it is read off the literal (`5%` is a percent).
    """

    name: Word
    declaration: Declaration | None
    value: Word | None = None
    required: bool = False
    dated: tuple[Dated, ...] = ()
    codes: tuple[Word, ...] = ()
    stated_through: datetime.date | None = None
    after: Word | None = None
    title: str | None = None
    about: str | None = None
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a level: the parent member it lies in (if the parent has members), and its cells by parameter."""

    name: Word
    parent: Word | None
    cells: Mapping[str, Word]
    title: str | None
    about: str | None
    provenance: Provenance | None


@dataclass(frozen=True, slots=True)
class Level:
    """One entry of `levels`: lies `in` another (with members, or a list the data brings), or `groups` one."""

    name: Word
    parent: Word | None
    is_list: bool
    key: Word | None
    at_most: int | None
    groups: Word | None
    by: tuple[Word, ...]
    parameters: Mapping[str, tuple[Word, Declaration]]
    expect: tuple[Formula, ...]
    members: tuple[Member, ...]
    title: str | None
    about: str | None
    provenance: Provenance | None


@dataclass(frozen=True, slots=True)
class Input:
    """One entry of `inputs`."""

    level: Word
    name: Word
    declaration: Declaration
    only_if: Formula | None
    otherwise: Word | None
    title: str | None
    about: str | None


# --- shapes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rounding:
    """`2 half_even` is digits 2; `to 0.5 half_up` is step 0.5."""

    digits: int | None
    step: Decimal | None
    mode: RoundingMode
    span: Span


@dataclass(frozen=True, slots=True)
class Branch:
    """What a case gives: a formula with its own caps and rounding, or (written `absent reason`) an absence."""

    span: Span
    formula: Formula | None = None
    absent: Word | None = None
    at_least: Formula | None = None
    at_most: Formula | None = None
    round: Rounding | None = None
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class AbsentPolicy:
    """`absent: ignore`, or by reason, complete: `absent: {declined: zero, too_new: ignore}`.

    One word has `every`; by reason has `by_reason`. Words: redistribute, ignore, zero, absent; for `top` also last,
    out; for a payment pays_nothing.
    """

    span: Span
    every: Word | None = None
    by_reason: tuple[tuple[Word, Word], ...] = ()


@dataclass(frozen=True, slots=True)
class FormulaShape:
    span: Span
    formula: Formula


@dataclass(frozen=True, slots=True)
class ChooseShape:
    """The first case that holds; `otherwise` is always there."""

    span: Span
    cases: tuple[tuple[Formula, Branch], ...]
    otherwise: Branch


@dataclass(frozen=True, slots=True)
class Step:
    """One step of tiers: `reaches` follows the measure's direction, the others do not."""

    kind: Literal["reaches", "at_least", "at_most", "more_than", "less_than"]
    bound: Formula
    branch: Branch


@dataclass(frozen=True, slots=True)
class TiersShape:
    span: Span
    subject: Formula
    steps: tuple[Step, ...]
    otherwise: Branch


@dataclass(frozen=True, slots=True)
class Point:
    at: Formula
    value: Formula
    provenance: Provenance | None
    span: Span


@dataclass(frozen=True, slots=True)
class InterpolateShape:
    """Straight lines between points. `below` / `above`: what holds outside them (None: proven never to happen)."""

    span: Span
    subject: Formula
    points: tuple[Point, ...]
    below: Branch | None
    above: Branch | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table row: `any`, words, or an interval between two literals with stated ends.

    A single number has both `words` and `low` = `high`: the column's type tells whether it is an option or a number.
    """

    span: Span
    any: bool = False
    words: tuple[Word, ...] = ()
    low: syntax.Expression | None = None
    low_open: bool = False
    high: syntax.Expression | None = None
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    span: Span
    cells: tuple[tuple[Word, Cell], ...]
    branch: Branch


@dataclass(frozen=True, slots=True)
class TableShape:
    span: Span
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ByMemberShape:
    span: Span
    branches: tuple[tuple[Word, Branch], ...]


@dataclass(frozen=True, slots=True)
class HigherOfShape:
    """`higher_of` or `lower_of` some values."""

    span: Span
    lower: bool
    items: tuple[Formula, ...]
    absent: AbsentPolicy | None


@dataclass(frozen=True, slots=True)
class GatherShape:
    """mean, sum, count, min, max, any, all, at_least_of, variance, standard_deviation, quantile, weighted_mean.

    `subject` is what is gathered (for at_least_of: what `of` names; for count possibly a level's name). `needed` is the
    formula of at_least_of; `at` that of quantile.
    """

    span: Span
    function: Word
    subject: Formula
    by: Formula | None = None
    where: Formula | None = None
    absent: AbsentPolicy | None = None
    needs_at_least: Formula | None = None
    needed: Formula | None = None
    at: Formula | None = None
    definition: Word | None = None
    if_none: Word | None = None


@dataclass(frozen=True, slots=True)
class StandingShape:
    """rank, percentile_rank, z_score (of `subject`), top (`how_many`): a standing `within` a level above."""

    span: Span
    function: Word
    within: Word
    subject: Formula | None = None
    how_many: Formula | None = None
    order: tuple[Formula, ...] = ()
    better: Word | None = None
    ties: Word | None = None
    definition: Word | None = None
    absent: AbsentPolicy | None = None
    round_count: Rounding | None = None


@dataclass(frozen=True, slots=True)
class AllocateShape:
    """A pool shared in proportion to a basis."""

    span: Span
    pool: Formula
    basis: Formula
    at_most: Formula | None
    at_least: Formula | None
    remainder: Word
    ties: Word
    if_none: Word


Shape: TypeAlias = (
    FormulaShape
    | ChooseShape
    | TiersShape
    | InterpolateShape
    | TableShape
    | ByMemberShape
    | HigherOfShape
    | GatherShape
    | StandingShape
    | AllocateShape
)


@dataclass(frozen=True, slots=True)
class Value:
    """One entry of `values` or `payments`. Keys act in the order of the fields below."""

    role: Literal["value", "payment"]
    level: Word
    name: Word
    span: Span
    needs: tuple[Formula, ...]
    only_if: Formula | None
    otherwise: Word | None
    shape: Shape
    at_least: Formula | None
    at_most: Formula | None
    round: Rounding | None
    absent: AbsentPolicy | None
    paid_by: Word | None
    type: Word | None
    title: str | None
    about: str | None
    provenance: Provenance | None


@dataclass(frozen=True, slots=True)
class Gate:
    """One entry of `gates`. `otherwise` is not_in_program or pays_nothing, or `pays` an amount; `on` limits it."""

    level: Word
    name: Word
    span: Span
    require: Formula
    otherwise: Word | None
    pays: Formula | None
    on: tuple[Word, ...]
    title: str | None
    about: str | None
    provenance: Provenance | None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole rule file."""

    span: Span
    program: Word
    edition: Word
    language: int
    title: str
    participant: Word
    identifier_is_public: bool
    in_force: Period
    measured_over: Mapping[str, Period]
    currency: Word | None
    sources: tuple[Source, ...]
    parameters: tuple[Parameter, ...]
    levels: tuple[Level, ...]
    inputs: tuple[Input, ...]
    expected: tuple[tuple[Word, Formula], ...]
    values: tuple[Value, ...]
    gates: tuple[Gate, ...]
    payments: tuple[Value, ...]
    guarantees: tuple[Formula, ...]
