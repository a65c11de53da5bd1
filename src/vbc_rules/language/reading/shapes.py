"""The shapes a value may have: the keys of each, and its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from vbc_rules.language.document import (
    AllocateShape,
    FormulaShape,
    GatherShape,
    HigherOfShape,
    Shape,
    StandingShape,
    Word,
)
from vbc_rules.language.reading import branches, codes
from vbc_rules.language.reading.fields import Fields
from vbc_rules.language.reading.literals import formula, formula_or_formulas, formulas, name, one_of
from vbc_rules.language.reading.rounding import absent_policy, rounding

_GATHER_ABSENT = absent_policy("redistribute", "ignore", "zero", "absent")
_COMPARE_ABSENT = absent_policy("ignore", "zero", "absent")
_STANDING_ABSENT = absent_policy("absent", "ignore", "zero")
_TOP_ABSENT = absent_policy("last", "out")
_SPREAD: Final = ("sample", "population")
_YES_NO = one_of("yes", "no")


@dataclass(frozen=True, slots=True)
class ShapeKeys:
    """The keys that belong to one shape, in their order, and the reader of the whole."""

    own: tuple[str, ...]
    read: Callable[[Fields, Word], Shape | None]


def _formula(fields: Fields, key: Word) -> FormulaShape | None:
    one = fields.optional(key.text, formula)
    return None if one is None else FormulaShape(key.span, one)


def _higher_of(fields: Fields, key: Word) -> HigherOfShape | None:
    items = fields.optional(key.text, formulas)
    absent = fields.optional("absent", _COMPARE_ABSENT)
    return None if items is None else HigherOfShape(key.span, key.text == "lower_of", items, absent)


def _gather(fields: Fields, key: Word) -> GatherShape | None:
    """Read what gathers a level below. For at_least_of the subject stands under `of`."""
    main = fields.optional(key.text, formula)
    several = key.text == "at_least_of"
    subject = fields.required("of", formula, "met") if several else main
    by = fields.required("by", formula, "weight") if key.text == "weighted_mean" else None
    at = fields.required("at", formula, "50%") if key.text == "quantile" else None
    definition: Word | None = None
    if key.text in ("variance", "standard_deviation"):
        definition = fields.required("definition", one_of(*_SPREAD), *_SPREAD)
    elif key.text == "quantile":
        definition = fields.required("definition", name, "inclusive")
    where = fields.optional("where", formula)
    absent = fields.optional("absent", _GATHER_ABSENT)
    needed = fields.optional("needs_at_least", formula)
    if_none = fields.optional("if_none", _YES_NO)
    if main is None or subject is None:
        return None
    return GatherShape(
        key.span, key, subject, by, where, absent, needed, main if several else None, at, definition, if_none
    )


@dataclass(frozen=True, slots=True)
class _Ties:
    """The words that say what equal members have; what is not said without one, and what to write."""

    words: tuple[str, ...]
    unsaid: str
    help: str

    def read(self, fields: Fields, key: Word) -> Word | None:
        """Return the word; report where it is missing, or is another."""
        word = fields.optional("ties", name)
        if word is None and fields.has("ties"):
            return None
        if word is None or word.text not in self.words:
            message = f"`{key.text}` does not say {self.unsaid}"
            fields.error(codes.UNDECIDED_TIES, message, self.help, word.span if word is not None else key.span)
            return None
        return word


_RANK_TIES: Final = _Ties(
    ("competition", "dense"),
    "which ranks follow equal members",
    "write `ties: competition` (1, 2, 2, 4) or `ties: dense` (1, 2, 2, 3)",
)
_SHARED_TIES: Final = _Ties(("share",), "what equal members have", "write `ties: share`: equal members have the same")


def _standing(
    definitions: tuple[str, ...] = (), equals: _Ties | None = None
) -> Callable[[Fields, Word], StandingShape | None]:
    def read(fields: Fields, key: Word) -> StandingShape | None:
        subject = fields.optional(key.text, formula)
        within = fields.required("within", name, "cohort")
        better = fields.optional("better", one_of("higher", "lower"))
        definition = fields.required("definition", one_of(*definitions), *definitions) if definitions else None
        ties = equals.read(fields, key) if equals is not None else None
        absent = fields.optional("absent", _STANDING_ABSENT)
        if subject is None or within is None:
            return None
        return StandingShape(
            key.span, key, within, subject, better=better, ties=ties, definition=definition, absent=absent
        )

    return read


def _top(fields: Fields, key: Word) -> StandingShape | None:
    how_many = fields.optional(key.text, formula)
    within = fields.required("within", name, "cohort")
    order = fields.required("order", formula_or_formulas, "[index]")
    ties = fields.required("ties", name, "all_in")
    absent = fields.optional("absent", _TOP_ABSENT)
    rounded = fields.optional("round", rounding)
    if how_many is None or within is None:
        return None
    return StandingShape(
        key.span, key, within, how_many=how_many, order=order or (), ties=ties, absent=absent, round_count=rounded
    )


def _allocate(fields: Fields, key: Word) -> AllocateShape | None:
    pool = fields.optional(key.text, formula)
    basis = fields.required("in_proportion_to", formula, "earned")
    at_most, at_least = fields.optional("at_most", formula), fields.optional("at_least", formula)
    remainder = fields.required("remainder", one_of("largest"), "largest")
    ties = fields.required("ties", name, "hospital")
    if_none = fields.required("if_none", one_of("not_paid", "error"), "not_paid")
    if pool is None or basis is None or remainder is None or ties is None or if_none is None:
        return None
    return AllocateShape(key.span, pool, basis, at_most, at_least, remainder, ties, if_none)


_PLAIN_GATHER = ShapeKeys(("where", "absent", "needs_at_least"), _gather)
_CONDITION_GATHER = ShapeKeys(("where", "absent", "needs_at_least", "if_none"), _gather)
_SPREAD_GATHER = ShapeKeys(("definition", "where", "absent", "needs_at_least"), _gather)

SHAPES: Final[Mapping[str, ShapeKeys]] = {
    "formula": ShapeKeys((), _formula),
    "choose": ShapeKeys((), branches.choose),
    "tiers": ShapeKeys(("steps",), branches.tiers),
    "interpolate": ShapeKeys(("points", "below", "above"), branches.interpolate),
    "table": ShapeKeys((), branches.table),
    "by_member": ShapeKeys((), branches.by_member),
    "higher_of": ShapeKeys(("absent",), _higher_of),
    "lower_of": ShapeKeys(("absent",), _higher_of),
    "weighted_mean": ShapeKeys(("by", "where", "absent", "needs_at_least"), _gather),
    "mean": _PLAIN_GATHER,
    "sum": _PLAIN_GATHER,
    "count": _PLAIN_GATHER,
    "min": _PLAIN_GATHER,
    "max": _PLAIN_GATHER,
    "any": _CONDITION_GATHER,
    "all": _CONDITION_GATHER,
    "at_least_of": ShapeKeys(("of", "where", "absent", "needs_at_least", "if_none"), _gather),
    "variance": _SPREAD_GATHER,
    "standard_deviation": _SPREAD_GATHER,
    "quantile": ShapeKeys(("at", "definition", "where", "absent", "needs_at_least"), _gather),
    "rank": ShapeKeys(("within", "better", "ties", "absent"), _standing(equals=_RANK_TIES)),
    "percentile_rank": ShapeKeys(
        ("within", "better", "definition", "ties", "absent"),
        _standing(("inclusive", "exclusive", "midpoint"), _SHARED_TIES),
    ),
    "z_score": ShapeKeys(("within", "better", "definition", "absent"), _standing(_SPREAD)),
    "top": ShapeKeys(("within", "order", "ties", "absent", "round"), _top),
    "allocate": ShapeKeys(("in_proportion_to", "at_most", "at_least", "remainder", "ties", "if_none"), _allocate),
}
