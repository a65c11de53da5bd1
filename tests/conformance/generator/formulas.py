"""Formulas of a wanted type over the names of a draft: right by construction, so that the checks pass them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tests.conformance.generator.draft import MODES, NUMBERS, Draft, Name, Seat

Maker: TypeAlias = Callable[[Seat, int], str]

CONSTANTS = {
    "number": ("0", "1", "2", "3", "10", "0.5", "1.5", "2.25", "(-1)", "(-2.5)", "7"),
    "money": ("$0", "$0.05", "$12.50", "$100", "$1,000", "$3", "(-$2.25)"),
    "percent": ("0%", "5%", "50%", "62.5%", "100%", "33.3333%", "(-10%)"),
    "date": ("2023-12-31", "2024-01-31", "2024-02-29", "2024-07-01", "2024-12-31"),
    "yes_no": ("yes", "no"),
}
WORDS = ("a", "b", "99202", "NO", "010001")
RELATIONS = ("<", "<=", ">", ">=", "=", "!=")


class Formulas:
    """Makes formulas."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.rng = draft.rng

    def make(self, kind: str, seat: Seat, depth: int = 2) -> str:
        """Return a formula of a kind: number (of the whole family), money, percent, date or yes_no."""
        makers: dict[str, Maker] = {
            "number": self.number,
            "money": self.money,
            "percent": self.percent,
            "date": self.date,
            "yes_no": self.truth,
        }
        return makers[kind](seat, depth)

    # --- leaves

    def constant(self, kind: str) -> str:
        return self.rng.choice(CONSTANTS[kind])

    def leaf(self, kind: str, seat: Seat) -> str:
        """Return a name, or a numeral where there is none (and sometimes where there is)."""
        names = self.draft.readable(seat, NUMBERS if kind == "number" else (kind,))
        if not names or self.draft.chance(0.15):
            return self.constant(kind)
        # What was added last is read more often, so that values build on values.
        return self.read(names[-1 - int(min(self.rng.expovariate(0.25), len(names) - 1))])

    def read(self, name: Name) -> str:
        """Return a name, now and then with its level."""
        named = self.draft.shelves.get(name.level) is not None and name.text != name.level
        return f"{name.level}.{name.text}" if named and self.draft.chance(0.08) else name.text

    def divisor(self, kind: str, seat: Seat) -> str:
        """Return a quantity that is shown not to be zero."""
        kinds = NUMBERS if kind == "number" else (kind,)
        names = [name for name in self.draft.readable(seat, kinds) if name.positive]
        if names and self.draft.chance(0.7):
            return self.read(self.rng.choice(names))
        plain = [n for n in self.draft.readable(seat, kinds) if not n.positive]
        if plain and self.draft.chance(0.5):
            one = {"number": "1", "money": "$1", "percent": "1%"}[kind]
            return f"(abs({self.rng.choice(plain).text}) + {one})"
        return self.rng.choice(
            {
                "number": ("2", "3", "7", "0.5", "(-4)"),
                "money": ("$2", "$0.03", "$7"),
                "percent": ("50%", "3%", "(-20%)"),
            }[kind]
        )

    # --- what any kind has

    def common(self, kind: str, seat: Seat, depth: int) -> list[tuple[int, Callable[[], str]]]:
        """Return ways to make a quantity or a date that all kinds share, with weights."""
        again = self.make
        ways: list[tuple[int, Callable[[], str]]] = [
            (3, lambda: self.conditional(kind, seat, depth)),
            (1, lambda: f"min({again(kind, seat, depth - 1)}, {again(kind, seat, depth - 1)})"),
            (1, lambda: f"max({again(kind, seat, depth - 1)}, {again(kind, seat, 0)}, {again(kind, seat, 0)})"),
        ]
        if kind == "date":
            return ways
        ways += [
            (2, lambda: f"({again(kind, seat, depth - 1)} + {again(kind, seat, depth - 1)})"),
            (2, lambda: f"({again(kind, seat, depth - 1)} - {again(kind, seat, depth - 1)})"),
            (1, lambda: f"(-{self.leaf(kind, seat)})" if depth < 2 else f"(-({again(kind, seat, depth - 1)}))"),
            (3, lambda: f"({again(kind, seat, depth - 1)} / {self.divisor('number', seat)})"),
            (1, lambda: f"abs({self.computed(kind, seat, depth)})"),
            (1, lambda: f"clamp({again(kind, seat, depth - 1)}, {again(kind, seat, 0)}, {again(kind, seat, 0)})"),
            (2, lambda: self.rounded(kind, seat, depth)),
            (1, lambda: f"{self.rng.choice(('floor', 'ceiling'))}({again(kind, seat, depth - 1)})"),
        ]
        if self.better(seat):
            ways.append((3, lambda: f"gain({again(kind, seat, depth - 1)}, {self.leaf(kind, seat)})"))
        if seat.gathered is None and self.targets(seat, kind):
            ways.append((6, lambda: self.gathering(kind, seat)))
        dated = [n for n in self.draft.seen(seat) if n.dated and self.is_kind(n, kind)]
        if dated:
            ways.append((5, lambda: f"({self.rng.choice(dated).text} on {self.leaf('date', seat)})"))
        return ways

    def is_kind(self, name: Name, kind: str) -> bool:
        return name.kind in NUMBERS if kind == "number" else name.kind == kind

    def better(self, seat: Seat) -> bool:
        """Whether exactly one direction can be seen."""
        return sum(name.text == "better" for name in self.draft.seen(seat)) == 1

    def computed(self, kind: str, seat: Seat, depth: int) -> str:
        """Return a formula that is more than one name: a function of one name would gather it."""
        return f"({self.make(kind, seat, depth - 1)} - {self.constant(kind)})"

    def rounded(self, kind: str, seat: Seat, depth: int) -> str:
        inner = self.computed(kind, seat, depth)
        return f"round({inner}, {self.rng.randint(0, 2)}, {self.rng.choice(MODES)})"

    def conditional(self, kind: str, seat: Seat, depth: int) -> str:
        unsure = [n for n in self.draft.seen(seat) if self.is_kind(n, kind) and self.draft.reasons(n, seat)]
        flags = [n for n in self.draft.readable(seat, ("yes_no",)) if n.options]
        if flags and self.draft.chance(0.4):  # a tested value that says what is there
            flag = self.rng.choice(flags)
            return (
                f"(if {flag.text} then {flag.options[0]} else {self.constant(kind)})"
                if self.is_kind(self.draft.names[flag.options[0]], kind)
                else f"(if {flag.text} then {self.leaf(kind, seat)} else {self.leaf(kind, seat)})"
            )
        if unsure and self.draft.chance(0.6):
            name = self.rng.choice(unsure)
            there = self.make(kind, seat.knowing(name.text), depth - 1)
            if self.draft.chance(0.5):
                return (
                    f"(if {name.text} is missing then {self.leaf(kind, seat)} else ({name.text} + {there}))"
                    if (kind != "date")
                    else f"(if {name.text} is missing then {self.leaf(kind, seat)} else {name.text})"
                )
            return f"(if {name.text} is not missing then {name.text} else {self.make(kind, seat, depth - 1)})"
        condition = self.truth(seat, min(depth - 1, 1))
        return f"(if {condition} then {self.make(kind, seat, depth - 1)} else {self.make(kind, seat, depth - 1)})"

    def pick(self, ways: list[tuple[int, Callable[[], str]]]) -> str:
        (chosen,) = self.rng.choices([way for _, way in ways], [weight for weight, _ in ways])
        return chosen()

    # --- kinds

    def number(self, seat: Seat, depth: int) -> str:
        if depth <= 0 or self.draft.chance(0.2):
            return self.leaf("number", seat)
        again = self.number
        ways = self.common("number", seat, depth)
        ways += [
            (2, lambda: f"({again(seat, depth - 1)} * {again(seat, depth - 1)})"),
            (1, lambda: f"({self.money(seat, depth - 1)} / {self.divisor('money', seat)})"),
            (1, lambda: f"({self.leaf('percent', seat)} / {self.divisor('percent', seat)})"),
            (1, lambda: f"({self.percent_plain(seat)} of {again(seat, depth - 1)})"),
            (1, lambda: f"sqrt(abs({self.computed('number', seat, 1)}), {self.rng.randint(0, 6)})"),
            (1, lambda: f"exp(clamp({again(seat, depth - 1)}, -3, 3), {self.rng.randint(0, 6)})"),
            (4, lambda: self.of_dates(seat, depth)),
        ]
        if seat.gathered is None and self.draft.gatherable(seat.level):
            ways.append((2, lambda: self.counting(seat)))
        return self.pick(ways)

    def of_dates(self, seat: Seat, depth: int) -> str:
        function = self.rng.choice(("days_between", "months_between", "years_between", "year"))
        if function == "year":
            return f"(year({self.date(seat, depth - 1)}) - 2020)"
        return f"{function}({self.date(seat, depth - 1)}, {self.date(seat, depth - 1)})"

    def money(self, seat: Seat, depth: int) -> str:
        if depth <= 0 or self.draft.chance(0.2):
            return self.leaf("money", seat)
        return self.pick(
            [
                *self.common("money", seat, depth),
                (2, lambda: f"({self.percent(seat, depth - 1)} of {self.money(seat, depth - 1)})"),
                (1, lambda: f"({self.leaf('percent', seat)} * {self.leaf('money', seat)})"),
                (1, lambda: f"({self.money(seat, depth - 1)} * {self.number(seat, depth - 1)})"),
                (1, lambda: f"({self.money(seat, depth - 1)} / {self.divisor('percent', seat)})"),
            ]
        )

    def percent_plain(self, seat: Seat) -> str:
        """Return what is certainly a percent and not a bare ratio."""
        return f"clamp({self.leaf('percent', seat)}, -100%, 100%)"

    def percent(self, seat: Seat, depth: int) -> str:
        if depth <= 0 or self.draft.chance(0.2):
            return self.leaf("percent", seat)
        return self.pick(
            [
                *self.common("percent", seat, depth),
                (1, lambda: f"({self.percent(seat, depth - 1)} of {self.leaf('percent', seat)})"),
                (1, lambda: f"({self.leaf('percent', seat)} * {self.leaf('percent', seat)})"),
                (1, lambda: f"clamp({self.number(seat, depth - 1)} * {self.leaf('percent', seat)}, -50%, 150%)"),
            ]
        )

    def date(self, seat: Seat, depth: int) -> str:
        if depth <= 0 or self.draft.chance(0.4):
            return self.leaf("date", seat)
        ways = self.common("date", seat, depth)
        ways.append((4, lambda: f"add_months({self.leaf('date', seat)}, {self.rng.choice(('1', '13', '0', '(-1)'))})"))
        months = [n for n in self.draft.readable(seat, ("count",)) if n.is_input]
        if months:
            ways.append((2, lambda: f"add_months({self.leaf('date', seat)}, {self.rng.choice(months).text})"))
        targets = [n for n in self.targets(seat, "date") if self.certain(n, seat)] if seat.gathered is None else []
        if targets:
            ways.append((2, lambda: f"{self.rng.choice(('min', 'max'))}({self.rng.choice(targets).text})"))
        return self.pick(ways)

    # --- conditions

    def truth(self, seat: Seat, depth: int) -> str:
        ways: list[tuple[int, Callable[[], str]]] = [
            (5, lambda: self.comparison(seat, depth)),
            (1, lambda: self.chained(seat)),
            (1, lambda: self.between(seat)),
            (1, lambda: self.listed(seat)),
            (1, lambda: f"({self.leaf('date', seat)} in (2024-07-01, {self.leaf('date', seat)}))"),
        ]
        flags = self.draft.readable(seat, ("yes_no",))
        words = self.draft.readable(seat, ("category",))
        texts = self.draft.readable(seat, ("identifier", "text"))
        unsure = [name for name in self.draft.seen(seat) if self.draft.reasons(name, seat)]
        if flags:
            flag = self.rng.choice(flags)
            ways += [
                (2, lambda: flag.text),
                (1, lambda: f"({flag.text} {self.rng.choice(('=', '!='))} {self.rng.choice(('yes', 'no'))})"),
                (1, lambda: f"({flag.text} = {self.rng.choice(flags).text})"),
            ]
        if words:
            ways.append((3, lambda: self.of_words(self.rng.choice(words))))
        if texts:
            ways.append((2, lambda: self.of_texts(self.rng.choice(texts), texts)))
        if unsure:
            ways.append((3, lambda: self.of_absence(self.rng.choice(unsure), seat)))
        if depth > 0:
            ways += [
                (3, lambda: f"({self.truth(seat, depth - 1)} and {self.truth(seat, depth - 1)})"),
                (3, lambda: f"({self.truth(seat, depth - 1)} or {self.truth(seat, depth - 1)})"),
                (2, lambda: f"(not {self.truth(seat, depth - 1)})"),
                (1, lambda: self.conditional("yes_no", seat, depth) if not unsure else self.truth(seat, depth - 1)),
            ]
            if seat.gathered is None and (met := [n for n in self.targets(seat, "yes_no") if self.certain(n, seat)]):
                ways.append((3, lambda: f"{self.rng.choice(('any', 'all'))}({self.rng.choice(met).text})"))
        return self.pick(ways)

    def open(self, seat: Seat, tested: set[str]) -> str:
        """Return a condition that inputs can meet or fail, each on an input not tested before (then any condition)."""
        bounds = {"number": "3", "count": "2", "points": "3", "money": "$40", "percent": "25%"}
        kinds = (*bounds, "yes_no", "category")
        names = [n for n in self.draft.readable(seat, kinds) if n.is_input and n.text not in tested]
        if not names or self.draft.chance(0.15):
            return self.truth(seat, 1)
        name = self.rng.choice(names)
        tested.add(name.text)
        if name.kind == "yes_no":
            return self.rng.choice((name.text, f"not {name.text}", f"{name.text} = yes"))
        if name.kind == "category":
            return f"{name.text} {self.rng.choice(('=', '!='))} {name.options[0]}"
        return f"{name.text} {self.rng.choice(RELATIONS[:4])} {bounds[name.kind]}"

    def comparison(self, seat: Seat, depth: int) -> str:
        kind = self.rng.choice(("number", "number", "money", "percent", "date"))
        right = self.leaf(kind, seat) if self.draft.chance(0.5) else self.constant(kind)
        return f"({self.make(kind, seat, max(0, depth - 1))} {self.rng.choice(RELATIONS)} {right})"

    def chained(self, seat: Seat) -> str:
        kind = self.rng.choice(("number", "percent", "date"))
        less, more = self.rng.choice((("<", "<="), ("<=", "<"), (">=", ">")))
        return f"({self.leaf(kind, seat)} {less} {self.leaf(kind, seat)} {more} {self.constant(kind)})"

    def between(self, seat: Seat) -> str:
        return f"({self.leaf('number', seat)} between {self.constant('number')} and {self.leaf('number', seat)})"

    def listed(self, seat: Seat) -> str:
        word = self.rng.choice(("in", "not in"))
        return f"({self.leaf('number', seat)} {word} (1, 2, {self.leaf('number', seat)}))"

    def of_words(self, name: Name) -> str:
        some = self.rng.sample(name.options, min(2, len(name.options)))
        return self.rng.choice(
            (
                f"({name.text} = {some[0]})",
                f"({name.text} != {some[0]})",
                f"({name.text} in ({', '.join(some)}))",
                f"({name.text} not in ({some[0]}))",
            )
        )

    def of_texts(self, name: Name, texts: list[Name]) -> str:
        if self.draft.codes and self.draft.chance(0.6):
            return f"({name.text} {self.rng.choice(('in', 'not in'))} {self.rng.choice(self.draft.codes)})"
        if self.draft.chance(0.3):
            return f"({name.text} = {self.rng.choice(texts).text})"
        word = self.rng.choice(WORDS)
        ways = (f"({name.text} = '{word}')", f"({name.text} != '{word}')", f"({name.text} in ('{word}', 'b'))")
        return self.rng.choice(ways)

    def of_absence(self, name: Name, seat: Seat) -> str:
        reason = self.rng.choice(name.reasons)
        ways = [
            f"({name.text} is missing)",
            f"({name.text} is not missing)",
            f"({name.text} is {reason})",
            f"({name.text} is not {reason})",
        ]
        if name.kind in CONSTANTS or name.kind in NUMBERS:
            kind = "number" if name.kind in NUMBERS else name.kind
            test = name.text
            if kind != "yes_no":
                test = f"{name.text} {self.rng.choice(RELATIONS)} {self.leaf(kind, seat)}"
            ways += [f"({name.text} is not missing and {test})", f"({name.text} is missing or {test})"] * 2
        return self.rng.choice(ways)

    # --- gathering inside a formula

    def targets(self, seat: Seat, kind: str) -> list[Name]:
        """Return the names of a kind that can be gathered from a seat."""
        levels = self.draft.gatherable(seat.level)
        return [n for n in self.draft.names.values() if n.level in levels and self.is_kind(n, kind)]

    def certain(self, name: Name, seat: Seat) -> bool:
        """Whether gathering a name meets no absence and at least one member."""
        within = self.draft.within(seat.level, name.level)
        return not name.reasons and not self.draft.may_be_empty(name.level, within)

    def inside(self, seat: Seat, level: str) -> Seat:
        """Return the seat of what is asked of each member gathered."""
        above = set(self.draft.chain(self.draft.within(seat.level, level)))
        kept = frozenset(n for n in seat.present if self.draft.names[n].level in above)
        return Seat(seat.level, level, kept)

    def where(self, seat: Seat, level: str) -> str:
        return f" where {self.truth(self.inside(seat, level), 1)}" if self.draft.chance(0.5) else ""

    def gathering(self, kind: str, seat: Seat) -> str:
        name = self.rng.choice(self.targets(seat, kind))
        present = "present " if name.reasons or self.draft.chance(0.2) else ""
        if self.certain(name, seat) and self.draft.chance(0.6):
            return f"{self.rng.choice(('mean', 'min', 'max'))}({name.text})"
        return f"sum({present}{name.text}{self.where(seat, name.level)})"

    def counting(self, seat: Seat) -> str:
        level = self.rng.choice(self.draft.gatherable(seat.level))
        names = [name for name in self.draft.names.values() if name.level == level]
        if names and self.draft.chance(0.5):
            name = self.rng.choice(names)
            present = "present " if name.reasons or self.draft.chance(0.2) else ""
            if name.text != level:
                return f"count({present}{name.text}{self.where(seat, level)})"
        return f"count({level}{self.where(seat, level)})"
