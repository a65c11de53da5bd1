"""Reads the shapes made of branches: choose, tiers, interpolate, table, by_member."""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

from vbc_rules.language.document import (
    Branch,
    ByMemberShape,
    Cell,
    ChooseShape,
    Formula,
    InterpolateShape,
    Point,
    Row,
    Step,
    TableShape,
    TiersShape,
    Word,
)
from vbc_rules.language.reading import codes
from vbc_rules.language.reading.fields import (
    Context,
    Fields,
    Keys,
    all_or_none,
    block_at,
    form_of,
    listed,
    listing_at,
    open_fields,
    scalar_at,
    word_of,
)
from vbc_rules.language.reading.intervals import in_words, interval, is_interval
from vbc_rules.language.reading.literals import check_name, formula, formula_of, literal
from vbc_rules.language.reading.provenance import PROVENANCE_KEYS, provenance
from vbc_rules.language.reading.rounding import rounding
from vbc_rules.source.diagnostic import Related
from vbc_rules.source.nearest import nearest
from vbc_rules.source.tree import Block, Listing, Scalar, Tree

Bound = Literal["reaches", "at_least", "at_most", "more_than", "less_than"]
_BOUNDS: Final[tuple[Bound, ...]] = get_args(Bound)
_FINISH: Final = ("at_least", "at_most", "round", PROVENANCE_KEYS)
_BRANCH_KEYS: Final = ("is", "at_least", "at_most", "round", *PROVENANCE_KEYS)

_CASE = Keys("a case", ("when", "is", *_FINISH))
_OTHERWISE = Keys("`otherwise`", ("otherwise", *_FINISH))
_POINT = Keys("a point", ("at", "is", PROVENANCE_KEYS))
_MEMBER_BRANCH = Keys("a member's formula", (("formula", "is"), *_FINISH))

_ABSENT = re.compile(r"absent +(\S+)")
_NUMBER = re.compile(r"-?\$?\d[\d,]*(\.\d+)?%?|\d{4}-\d{2}-\d{2}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


# --- branches ---------------------------------------------------------------------------------------------------------


def outcome(tree: Tree, key: str, cx: Context) -> Branch | None:
    """Read what a branch gives: a formula, or `absent reason`."""
    scalar = scalar_at(tree, key, "a formula", "a + b", cx)
    if scalar is None:
        return None
    found = _ABSENT.fullmatch(scalar.text)
    if found is not None:
        reason = check_name(Word(found[1], scalar.span.part(found.start(1), found.end(1))), cx)
        return None if reason is None else Branch(scalar.span, absent=reason)
    one = formula_of(scalar, cx)
    return None if one is None else Branch(scalar.span, one)


def _branch(fields: Fields, key: str) -> Branch | None:
    """Read a branch whose outcome stands under `key`, with its own caps, rounding and provenance."""
    given = fields.required(key, outcome, "a formula")
    at_least, at_most = fields.optional("at_least", formula), fields.optional("at_most", formula)
    return _finished(fields, given, at_least, at_most)


def _finished(fields: Fields, given: Branch | None, at_least: Formula | None, at_most: Formula | None) -> Branch | None:
    rounded, origin = fields.optional("round", rounding), provenance(fields)
    if given is None:
        return None
    return Branch(given.span, given.formula, given.absent, at_least, at_most, rounded, origin)


def _blocks(tree: Tree, key: str, example: str, cx: Context) -> tuple[Block, ...]:
    """Return the blocks of a list; items that are not blocks are reported and left out."""
    listing = listing_at(tree, key, example, cx)
    found: list[Block] = []
    for item in listing.items if listing else ():
        if isinstance(item, Block):
            found.append(item)
        else:
            message = f"an item of `{key}` is a block, not {form_of(item)}"
            cx.findings.error(codes.WRONG_FORM, message, item.span, f"write `{key}: {example}`")
    return tuple(found)


def _split(tree: Tree, key: str, example: str, cx: Context) -> tuple[tuple[Block, ...], Branch | None]:
    """Split a list of cases into those that have a condition and the last, `otherwise`."""
    blocks = _blocks(tree, key, example, cx)
    cases = tuple(block for block in blocks if block.get("otherwise") is None)
    if not blocks:
        return (), None
    last: Branch | None = None
    for block in blocks:
        if block.get("otherwise") is None:
            continue
        read = _branch(open_fields(block, _OTHERWISE, block.span, cx), "otherwise")
        last = last or read
        if block is not blocks[-1]:
            message, help = "`otherwise` stands before the end", "move `otherwise` to the end, and keep only one"
            cx.findings.error(codes.OTHERWISE_LAST, message, block.span, help)
    if len(cases) == len(blocks):
        message = f"`{key}` does not say what holds otherwise"
        cx.findings.error(codes.OTHERWISE_LAST, message, blocks[-1].span, "write `{otherwise: ..}` as the last item")
    return cases, last


# --- choose and tiers -------------------------------------------------------------------------------------------------


def choose(fields: Fields, key: Word) -> ChooseShape | None:
    """Read `choose`: cases in order, the last `otherwise`."""
    read = fields.optional(key.text, _choose)
    return None if read is None else ChooseShape(key.span, *read)


def _choose(tree: Tree, key: str, cx: Context) -> tuple[tuple[tuple[Formula, Branch], ...], Branch] | None:
    blocks, otherwise = _split(tree, key, "[{when: a > b, is: 1}, {otherwise: 0}]", cx)
    cases: list[tuple[Formula, Branch] | None] = []
    for block in blocks:
        fields = open_fields(block, _CASE, block.span, cx)
        when, branch = fields.required("when", formula, "a condition"), _branch(fields, "is")
        cases.append(None if when is None or branch is None else (when, branch))
    found = all_or_none(cases)
    return None if found is None or otherwise is None else (found, otherwise)


def tiers(fields: Fields, key: Word) -> TiersShape | None:
    """Read `tiers: subject` with `steps`, the last `otherwise`."""
    subject = fields.optional(key.text, formula)
    example = "[{at_least: 90%, is: 2}, {otherwise: 0}]"
    read = fields.required("steps", lambda tree, name, cx: _split(tree, name, example, cx), example)
    blocks, otherwise = read or ((), None)
    steps = all_or_none([_step(block, fields.cx) for block in blocks])
    if subject is None or steps is None or otherwise is None:
        return None
    return TiersShape(key.span, subject, steps, otherwise)


def _step(block: Block, cx: Context) -> Step | None:
    """Read one step. Before `is`, `at_least` and `at_most` are bounds; after it they are the branch's own caps."""
    keys = [entry.key.text for entry in block]
    before = keys[: keys.index("is")] if "is" in keys else keys
    kinds = [kind for kind in _BOUNDS if kind in before]
    finish = tuple(slot for slot in _FINISH if slot not in kinds)
    fields = open_fields(block, Keys("a step", (_BOUNDS if not kinds else tuple(kinds), "is", *finish)), block.span, cx)
    caps = {name: fields.optional(name, formula) if name not in kinds else None for name in ("at_least", "at_most")}
    branch = _finished(fields, fields.required("is", outcome, "a formula"), caps["at_least"], caps["at_most"])
    bounds = {kind: fields.optional(kind, formula) for kind in kinds}
    if len(kinds) != 1:
        message = f"a step has one bound, not {listed(kinds)}" if kinds else "a step needs a bound"
        help = f"keep one of {listed(kinds)}" if kinds else f"write one of {listed(_BOUNDS)} before `is`"
        fields.error(codes.EXCLUDES if kinds else codes.MISSING_KEY, message, help)
        return None
    bound = bounds[kinds[0]]
    return None if bound is None or branch is None else Step(kinds[0], bound, branch)


# --- interpolate ------------------------------------------------------------------------------------------------------


def interpolate(fields: Fields, key: Word) -> InterpolateShape | None:
    """Read `interpolate: subject` with `points`, and what holds `below` and `above` them."""
    subject = fields.optional(key.text, formula)
    points = fields.required("points", _points, "[{at: 0, is: 0}, {at: 10, is: 5}]")
    below, above = fields.optional("below", outcome), fields.optional("above", outcome)
    if subject is None or points is None:
        return None
    return InterpolateShape(key.span, subject, points, below, above)


def _points(tree: Tree, key: str, cx: Context) -> tuple[Point, ...] | None:
    example = "[{at: 0, is: 0}, {at: 10, is: 5}]"
    points: list[Point | None] = []
    for block in _blocks(tree, key, example, cx):
        fields = open_fields(block, _POINT, block.span, cx)
        at, value = fields.required("at", formula, "10"), fields.required("is", formula, "5")
        origin = provenance(fields)
        points.append(None if at is None or value is None else Point(at, value, origin, block.span))
    if isinstance(tree, Listing) and len(tree.items) == 1:
        cx.findings.error(codes.MISSING_KEY, "a line needs two points", tree.span, f"write `{key}: {example}`")
        return None
    return all_or_none(points) or None


# --- by_member --------------------------------------------------------------------------------------------------------


def by_member(fields: Fields, key: Word) -> ByMemberShape | None:
    """Read `by_member`: a formula, or a block with its own caps and rounding, for every member."""
    read = fields.optional(key.text, _by_member)
    return None if read is None else ByMemberShape(key.span, read)


def _by_member(tree: Tree, key: str, cx: Context) -> tuple[tuple[Word, Branch], ...] | None:
    block = block_at(tree, key, "{first: a + b, second: c}", cx)
    if block is None:
        return None
    if not block.entries:
        cx.findings.error(codes.EMPTY, f"`{key}` is empty", block.span, "write a formula for every member")
        return None
    found: list[tuple[Word, Branch] | None] = []
    for entry in block:
        word = word_of(entry.key)
        check_name(word, cx, option=True)
        if isinstance(entry.value, Block):
            fields = open_fields(entry.value, _MEMBER_BRANCH, word.span, cx)
            if fields.has("formula"):
                fields.refuse("is", "and `formula` exclude each other", "remove `is`, or `formula`")
            branch = _branch(fields, "is" if fields.has("is") else "formula")
        else:
            branch = outcome(entry.value, word.text, cx)
        found.append(None if branch is None else (word, branch))
    return all_or_none(found)


# --- table ------------------------------------------------------------------------------------------------------------


def table(fields: Fields, key: Word) -> TableShape | None:
    """Read `table`: rows with the same columns in the same order, each with `is`."""
    read = fields.optional(key.text, _table)
    return None if read is None else TableShape(key.span, read)


def _table(tree: Tree, key: str, cx: Context) -> tuple[Row, ...] | None:
    blocks = _blocks(tree, key, "[{size: 10 or more, is: 1}, {size: less than 10, is: 0}]", cx)
    if not blocks:
        return None
    first = _columns(blocks[0])
    rows: list[Row | None] = []
    for block in blocks:
        columns = _columns(block)
        fields = open_fields(block, Keys("a row", (tuple(columns), "is", *_FINISH)), block.span, cx)
        for column in columns:
            if block is blocks[0] and not _COLUMN.fullmatch(column):
                message = f"`{column}` cannot be a column"
                help = "name the column after an input, a value or a level"
                fields.error(codes.BAD_NAME, message, help, fields.key(column).span)
        if not columns and block is blocks[0]:
            help = "write what it depends on, as in `size: 10 or more`"
            fields.error(codes.MISSING_KEY, "a row needs a column", help)
        if columns != first:
            message = f"this row's columns are {listed(columns) or 'none'}, the first row's {listed(first) or 'none'}"
            help = f"write the columns {listed(first)}, in this order" if first else f"remove {listed(columns)}"
            cx.findings.error(codes.TABLE_COLUMNS, message, block.span, help, Related("the first row", blocks[0].span))
        cells: list[tuple[Word, Cell] | None] = []
        for column in columns:
            cell = fields.optional(column, _cell)
            cells.append(None if cell is None else (fields.key(column), cell))
        read, branch = all_or_none(cells), _branch(fields, "is")
        rows.append(None if read is None or branch is None else Row(block.span, read, branch))
    return all_or_none(rows)


def _columns(block: Block) -> list[str]:
    """Return a row's columns: the keys that are not a branch's, and not a branch's misspelt."""
    keys = [entry.key.text for entry in block]
    end = keys.index("is") if "is" in keys else None
    branch_keys = _BRANCH_KEYS if end is not None else ("is",)
    return [
        key
        for place, key in enumerate(keys)
        if key not in _BRANCH_KEYS and not ((end is None or place > end) and nearest(key, branch_keys))
    ]


def _cell(tree: Tree, key: str, cx: Context) -> Cell | None:
    """Read a cell. A single number is both a word (an option may be called `1`) and the range from itself to itself."""
    scalar = scalar_at(tree, key, "`any`, a word or a range", "any", cx)
    if scalar is None:
        return None
    text, span = scalar.text, scalar.span
    if text == "any":
        return Cell(span, any=True)
    if is_interval(text):
        found = interval(text, span, cx)
        if found is None:
            return None
        return Cell(span, low=found.low, low_open=found.low_open, high=found.high, high_open=found.high_open)
    if _NUMBER.fullmatch(text):
        value = literal(text, span, cx)
        return None if value is None else Cell(span, words=(Word(text, span),), low=value, high=value)
    if text in ("yes", "no") or _is_word(scalar):
        return Cell(span, words=(Word(text, span),))
    meant = in_words(text)
    forms = "`any`, a word, `a to b`, `a or more`, `a or less`, `more than a` or `less than a`"
    help = f"write `{meant}`" if meant else f"write {forms}"
    cx.findings.error(codes.TABLE_CELL, f"`{text}` is not a cell", span, help)
    return None


def _is_word(scalar: Scalar) -> bool:
    return bool(re.fullmatch(r"[a-z0-9_]+", scalar.text))
