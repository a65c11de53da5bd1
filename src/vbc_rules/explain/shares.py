"""A share of a pool: who takes part, the exact proportional share, what acted on it, and who has the odd cents."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from vbc_rules.errors import Code, EvaluationError
from vbc_rules.explain.arithmetic import added, members_text, piece
from vbc_rules.explain.company import Company, company_of, numbered, tell_company
from vbc_rules.explain.numbers import is_exact, literal, value_text
from vbc_rules.explain.together import in_one_unit
from vbc_rules.explain.tree import Line
from vbc_rules.explain.workings import Workings
from vbc_rules.language.absence import Absent
from vbc_rules.language.types import MONEY, NUMBER
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.expressions import Datum, Expr, Read
from vbc_rules.resolve.program import AllocateShape, Definition
from vbc_rules.run import exact

CENT: Final = Fraction(1, 100)
PROPORTION: Final = "in proportion to its basis"


@dataclass(frozen=True, slots=True)
class Division:
    """A pool divided, in cents; members by their place among those that take part.

    What is `free` (neither at its cap nor at its floor) has `spend * basis / bases`, exactly; the others have what
    stands in `held`. `down` is each share rounded down, `odd` the cents that are then left over.
    """

    place: dict[Path, int]
    units: list[int]
    scale: int
    """The bases as whole numbers of one unit, and how many of the units make one."""
    floors: list[int]
    caps: list[int | None]
    held: dict[int, int]
    spend: int
    bases: int
    down: list[int]
    over: list[int]
    """What each free share has above whole cents, as a numerator over `bases`."""
    odd: int

    def basis(self, number: int) -> Fraction:
        """Return the basis of a member."""
        return Fraction(self.units[number], self.scale)


def shared(definition: Definition, shape: AllocateShape, w: Workings) -> Datum:
    """Return this member's share, shown from the pool down to the odd cent."""
    company = company_of(definition, shape, w)
    if isinstance(company, Absent):
        return company
    pool = w.quantity("pool", shape.pool)
    w.note("pool", f"{shape.pool.ref.name}: {literal(pool, MONEY)}")
    tell_company("sharing", len(company.paths), company, shape, w)
    w.quantity("basis", shape.basis)
    division = _division(definition, shape, company, int(pool / CENT), w)
    _tell_bases(shape, company, division, w)
    mine = division.place[w.view.path]
    found = _held(shape, division, mine, pool, w) if mine in division.held else _free(shape, division, mine, pool, w)
    unplaced = pool - CENT * (sum(division.down) + division.odd)
    if unplaced:
        text = f"{literal(pool, MONEY)} - {literal(pool - unplaced, MONEY)}"
        w.check("unplaced", text, unplaced, MONEY, "what no cap allowed to be placed")
    return found


# --- dividing


def _division(definition: Definition, shape: AllocateShape, company: Company, cents: int, w: Workings) -> Division:
    basis, least, most = (
        None if expr is None else w.view.unlisted_ratio(shape.level, expr)
        for expr in (shape.basis, shape.at_least, shape.at_most)
    )
    w.view.unlisted(shape.level, Read(shape.span, w.view.program.slots[shape.ties].type, shape.ties))
    within = w.view.at(shape.within)
    key = (definition.ref, (*within, "shares")) if not isinstance(within, Absent) else (definition.ref, ())
    known = w.view.scene.settled.get(key)
    if isinstance(known, Division):
        return known
    if basis is None:
        raise EvaluationError(Code.EVALUATION, "a pool is shared by no basis", str(definition.ref))
    units, scale = in_one_unit([basis(path) for path in company.paths])
    floors = [0] * len(units)
    caps: list[int | None] = [None] * len(units)
    if least is not None:
        floors = [-(-100 * a // b) for a, b in map(least, company.paths)]
    if most is not None:
        caps = [100 * a // b for a, b in map(most, company.paths)]
    held, spend, bases = _solved(units, floors, caps, cents)
    down: list[int] = []
    over: list[int] = []
    for number, unit in enumerate(units):
        whole, rest = (held[number], 0) if number in held else divmod(spend * unit, bases)
        down.append(whole)
        over.append(rest)
    odd = spend - sum(whole for number, whole in enumerate(down) if number not in held) if bases else 0
    place = {path: number for number, path in enumerate(company.paths)}
    found = Division(place, units, scale, floors, caps, held, spend, bases, down, over, odd)
    w.view.scene.settled[key] = found
    return found


def _solved(units: list[int], floors: list[int], caps: list[int | None], cents: int) -> tuple[dict[int, int], int, int]:
    """Return the shares at a cap or floor, what is left for the free ones, and the sum of their bases.

    Each round holds those beyond their bounds on the side that weighs more: there they stay, as the factor moves away
    from them.
    """
    held = {number: floors[number] for number, unit in enumerate(units) if unit == 0}
    free = [number for number, unit in enumerate(units) if unit > 0]
    floored, capped = any(floors), any(cap is not None for cap in caps)
    while free:
        spend, bases = cents - sum(held.values()), sum(units[number] for number in free)
        raised = [number for number in free if spend * units[number] < floors[number] * bases] if floored else []
        lowered = [n for n in free if (cap := caps[n]) is not None and spend * units[n] > cap * bases] if capped else []
        much = sum(floors[number] * bases - spend * units[number] for number in raised) - sum(
            spend * units[number] - (caps[number] or 0) * bases for number in lowered
        )
        if not raised and not lowered:
            return held, spend, bases
        if much >= 0:
            held.update((number, floors[number]) for number in raised)
        if much <= 0:
            held.update((number, caps[number] or 0) for number in lowered)
        free = [number for number in free if number not in held]
    return held, 0, 0


# --- telling


def _tell_bases(shape: AllocateShape, company: Company, division: Division, w: Workings) -> None:
    """Show the bases, this member's own and those of the others, and what they add up to."""
    kind = shape.basis.type
    listed, rest = w.view.scene.listed(shape.level, shape.within, company.paths)
    pieces = [piece(division.basis(division.place[path]), kind) for path in listed]
    told: list[tuple[str, str]] = []
    for path, text in zip(listed, pieces, strict=True):
        member = w.view.member(shape.level, path, is_other=w.view.is_foreign(shape.level, path, shape.within))
        if member.path != w.view.path and isinstance(shape.basis, Read):
            member.value(shape.basis.ref)
        told.append((member.label, text.text))
    others = ""
    if rest:
        more = Fraction(sum(division.units[division.place[path]] for path in rest), division.scale)
        pieces.append(piece(more, kind))
        others = f"and {len(rest):,} {'other' if len(rest) == 1 else 'others'}, together {literal(more, kind)}"
    rule = w.author.words(shape.basis)
    w.lines.append(Line("members", "bases", members_text(told, shape.level, others), note=rule))
    w.check(
        "together",
        added(pieces).text,
        Fraction(sum(division.units), division.scale),
        kind,
        "the bases of all that share",
    )


def _held(shape: AllocateShape, division: Division, mine: int, pool: Fraction, w: Workings) -> Fraction:
    """Return a share that is held at its cap or floor, or has no basis."""
    share = CENT * division.held[mine]
    if not any(division.units):
        w.note("none", "nobody has a basis above zero: nothing is shared in proportion")
        return _bound(shape.at_least, share, w, is_floor=True) if shape.at_least is not None else share
    if division.units[mine] == 0:
        w.note("none", "its basis is zero")
        return _bound(shape.at_least, share, w, is_floor=True) if shape.at_least is not None else share
    left = _tell_left(shape, division, pool, w)
    at_cap = division.caps[mine] is not None and division.held[mine] == division.caps[mine]
    if at_cap and not (division.bases and _exact(division, mine) < share):
        _bound(shape.at_most, share, w, is_floor=False)
        return _act(shape, division, mine, share, left, w, is_floor=False)
    _bound(shape.at_least, share, w, is_floor=True)
    return _act(shape, division, mine, share, left, w, is_floor=True)


def _act(
    shape: AllocateShape, division: Division, mine: int, share: Fraction, left: str, w: Workings, *, is_floor: bool
) -> Fraction:
    """Show that a cap or a floor acts: in proportion to its basis the member would have more, or less."""
    kind, function = ("floor", "max") if is_floor else ("cap", "min")
    if not division.bases:
        w.note(kind, f"the {kind} acts: every share is at a bound, or has no basis")
        return share
    exact_share = _exact(division, mine)
    w.check("numbers", _in_proportion(shape, division, mine, left), exact_share, MONEY, PROPORTION)
    before, at = literal(exact_share, MONEY), literal(share, MONEY)
    text = f"{function}({before}, {at}) = {at}"
    w.lines.append(
        Line(
            "floor" if is_floor else "cap",
            f"at {'least' if is_floor else 'most'}",
            text,
            checked=is_exact(text),
            note=f"the {kind} acts",
            before=before,
            after=at,
        )
    )
    return share


def _bound(bound: Expr | None, share: Fraction, w: Workings, *, is_floor: bool) -> Fraction:
    """Show how a cap or a floor comes to whole cents."""
    if bound is None:
        return share
    label = "at least" if is_floor else "at most"
    amount = w.quantity(label, bound, w.author.words(bound))
    mode = "up" if is_floor else "down"
    if amount != share and exact.round_to(amount, CENT, "ceiling" if is_floor else "floor") == share:
        w.check("in cents", f"round({literal(amount, MONEY)}, 2, {mode})", share, MONEY, f"{label} in whole cents")
    return share


def _free(shape: AllocateShape, division: Division, mine: int, pool: Fraction, w: Workings) -> Fraction:
    """Return a share in proportion to its basis, in whole cents, with its odd cent where it has one."""
    left = _tell_left(shape, division, pool, w)
    found = _exact(division, mine)
    w.check("numbers", _in_proportion(shape, division, mine, left), found, MONEY, PROPORTION)
    for bound, is_floor in ((shape.at_least, True), (shape.at_most, False)):
        limit = division.floors[mine] if is_floor else division.caps[mine]
        if bound is None or limit is None:
            continue
        _bound(bound, CENT * limit, w, is_floor=is_floor)
        test = f"{literal(found, MONEY)} {'>=' if is_floor else '<='} {literal(CENT * limit, MONEY)} is yes"
        kind = "floor" if is_floor else "cap"
        label = "at least" if is_floor else "at most"
        w.lines.append(Line("test", label, test, checked=is_exact(test), note=f"the {kind} does not act"))
    down = CENT * division.down[mine]
    if down != found:
        before, after = literal(found, MONEY), literal(down, MONEY)
        text = f"round({before}, 2, down) = {after}"
        w.lines.append(
            Line("rounding", "rounded", text, checked=is_exact(text), note="to whole cents", before=before, after=after)
        )
    return down + _odd_cent(shape, division, mine, w)


def _odd_cent(shape: AllocateShape, division: Division, mine: int, w: Workings) -> Fraction:
    """Return the odd cent that this member has, or nothing, with the reason."""
    if not division.odd:
        return Fraction(0)
    free = CENT * sum(whole for number, whole in enumerate(division.down) if number not in division.held)
    text = f"{literal(CENT * division.spend, MONEY)} - {literal(free, MONEY)}"
    w.check("odd cents", text, CENT * division.odd, MONEY, "left by rounding down: one each to the largest fractions")
    own = division.over[mine]
    if own == 0:
        w.note("fraction", "none: its share is whole cents, so it has no odd cent")
        return Fraction(0)
    larger = sum(rest > own for rest in division.over)
    level = [number for number, rest in enumerate(division.over) if rest == own and number not in division.held]
    before = 0
    if len(level) > 1:
        before = _before(shape, division, mine, level, w)
        others = len(level) - 1
        said = f"{others:,} {'other has' if others == 1 else 'others have'} the same fraction"
        w.note("ties", f"{said}: by {shape.ties.name}, {before or 'none'} of them before it")
    place = 1 + larger + before
    fraction = value_text(Fraction(own, division.bases), NUMBER)
    w.note("fraction", f"{fraction} of a cent, number {place:,} by size")
    has = place <= division.odd
    said = "it has one of the odd cents" if has else "it has none of the odd cents"
    answer = "yes" if has else "no"
    w.lines.append(
        Line("test", "place", f"{numbered(place)} <= {numbered(division.odd)} is {answer}", checked=True, note=said)
    )
    if not has:
        return Fraction(0)
    down = CENT * division.down[mine]
    w.check("share", f"{literal(down, MONEY)} + {literal(CENT, MONEY)}", down + CENT, MONEY, "with its odd cent")
    return CENT


def _before(shape: AllocateShape, division: Division, mine: int, level: list[int], w: Workings) -> int:
    """Return how many of some members come before this one by the key that settles ties."""
    read = w.view.unlisted(shape.level, Read(shape.span, w.view.program.slots[shape.ties].type, shape.ties))
    paths = list(division.place)
    own = read(paths[mine])
    return sum(read(paths[number]) < own for number in level)  # type: ignore[operator]  # keys of one type


def _exact(division: Division, mine: int) -> Fraction:
    return Fraction(division.spend * division.units[mine], division.bases) * CENT


def _in_proportion(shape: AllocateShape, division: Division, mine: int, left: str) -> str:
    basis, type_ = division.basis(mine), shape.basis.type
    together = basis * division.bases / division.units[mine]
    return f"{left} * {piece(basis, type_).text} / {piece(together, type_).divisor()}"


def _tell_left(shape: AllocateShape, division: Division, pool: Fraction, w: Workings) -> str:
    """Show what is left of the pool for those that are neither at a cap nor at a floor; return that amount."""
    capped = [n for n, share in division.held.items() if division.units[n] and share == division.caps[n]]
    floored = [n for n, share in division.held.items() if share and n not in set(capped)]
    terms = [literal(pool, MONEY)]
    said: list[str] = []
    for members, bound in ((capped, "cap"), (floored, "floor")):
        if members:
            amount = literal(CENT * sum(division.held[number] for number in members), MONEY)
            terms.append(amount)
            said.append(f"{len(members):,} at {'its' if len(members) == 1 else 'their'} {bound}, together {amount}")
    if not said:
        return terms[0]
    w.note("held", "; ".join(said))
    left = pool - CENT * sum(division.held.values())
    note = "left for the others"
    if division.bases:
        together = literal(Fraction(division.bases, division.scale), shape.basis.type)
        note += f", whose bases are together {together}"
    w.check("left", " - ".join(terms), left, MONEY, note)
    return literal(left, MONEY)
