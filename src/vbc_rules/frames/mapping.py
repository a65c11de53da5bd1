"""What a mapping file says: which column of which table is which input, cell or published figure of a program."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from vbc_rules.language.absence import Absent
from vbc_rules.language.rounding import RoundingMode
from vbc_rules.language.types import Type
from vbc_rules.resolve.expressions import Ref

Role: TypeAlias = Literal["input", "cell", "published"]
Form: TypeAlias = Literal[
    "decimal",
    "percent",
    "fraction",
    "bare_percent",
    "percent_as_number",
    "percent_as_fraction",
    "out_of",
    "tenths",
    "hundredths",
    "thousandths",
    "ten_thousandths",
    "hundred_thousandths",
    "millionths",
    "date",
    "words",
    "word",
    "text",
]


PARTS: Final[Mapping[str, int]] = {
    "tenths": 1,
    "hundredths": 2,
    "thousandths": 3,
    "ten_thousandths": 4,
    "hundred_thousandths": 5,
    "millionths": 6,
}
"""The readings of whole numbers that count parts of one, and how many decimals the quantity then has."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of a column are written.

    `decimal` is `1,234.50` (money also `$1,234.50`). For a percent: `percent` is `5%`, `fraction` is `0.05`,
    `bare_percent` is `5`. For a number: `percent_as_number` reads `77.4970%` as 77.4970, `percent_as_fraction` as
    0.774970, and `out_of` reads `7 out of 10` as 7 (`whole` is the 10). `hundredths` reads the whole number 12345 as
    123.45 (of a percent 5 as 5 %), and so do the other `PARTS`. `date` has its layout (`MM/DD/YYYY`) in
    `layout`. `words` translates the file's words by `words`; `word` takes the program's own. `text` keeps the cell as
    it is.
    """

    form: Form
    whole: int = 0
    layout: str = ""
    words: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rounded:
    """A published figure is the exact one rounded to `digits` as written (a percent's digits count before the `%`)."""

    digits: int
    mode: RoundingMode


@dataclass(frozen=True, slots=True)
class Table:
    """One file. `key` is the column of the participant's identifier.

    `root` is the level of groups, or the cohort, whose rows it holds; empty for the participants'. A group's rows have
    `keys`, the columns of what its groups go by, in the order of `by`; the cohort's have no key.
    `ignore_unmatched`: rows of participants that the first table does not have are left out instead of reported.
    `no_row`: what a participant without a row here has for every input of the table; None: that is an error.
    `where`: of the file's rows, only those count whose cell in each of these columns is one of the words beside it; a
    participant whose row does not count has nothing published here.
    """

    name: str
    file: str
    key: str
    delimiter: str = ","
    encoding: str = "utf-8"
    ignore_unmatched: bool = False
    no_row: Absent | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    root: str = ""
    keys: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One column and what it is.

    `member` is None on the participant, on list items, and where the row tells the member.

    `missing` gives the cells that mean an absence. `may_be_left_out`: an empty cell means that the input is not given.
    `absences` are the reasons the input permits; None where any is taken. `unit`: the column is written to the nearest
    multiple of it, so each figure stands for an interval of half a unit either way (a percent's unit is a fraction).
    `always`: the files do not hold this input, and it is absent for this reason; `column` is then the table's key.
    `by_order`: of a published figure only its order among the participants is compared, not its digits.
    """

    role: Role
    ref: Ref
    member: str | None
    column: str
    type: Type
    reading: Reading
    missing: Mapping[str, Absent]
    rounded: Rounded | None = None
    may_be_left_out: bool = False
    absences: Collection[str] | None = None
    unit: Fraction | None = None
    always: Absent | None = None
    by_order: bool = False

    @property
    def where(self) -> str:
        """The field's name for people: `measure.hai_5.performance`."""
        return ".".join(part for part in (self.ref.level, self.member, self.ref.name) if part)


@dataclass(frozen=True, slots=True)
class Placement:
    """Columns of one table that belong to one level.

    kinds: `wide`, one row a participant; `long`, one row a member, which `member_column` names by the words in
    `members` (the file's word to the member); `items`, one row an item of a list level.
    """

    table: str
    level: str
    kind: Literal["wide", "long", "items"]
    fields: tuple[Field, ...]
    member_column: str = ""
    members: Mapping[str, str] | None = None
    ignore_other_members: bool = False


@dataclass(frozen=True, slots=True)
class KnownDifference:
    """A published figure that is known to differ, and why. `member` is None on the participant."""

    participant: str
    ref: Ref
    member: str | None
    because: str


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A whole mapping. The first table lists the participants, the first of a level of groups its groups.

    `strict`: a column that the mapping does not name is an error (data in the program's own shape).
    """

    program: str
    participant: str
    tables: tuple[Table, ...]
    placements: tuple[Placement, ...]
    known: tuple[KnownDifference, ...] = ()
    strict: bool = False

    @property
    def is_of_cohort(self) -> bool:
        """Whether it brings inputs of groups or of the cohort, which belong to all participants together."""
        return any(table.root for table in self.tables)
