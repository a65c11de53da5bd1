"""Values of every shape, right by construction: each maker returns what stands in the file and what it may hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.conformance.generator.draft import MODES, NUMBERS, REASONS, Draft, Name, Seat, Text, formula
from tests.conformance.generator.formulas import CONSTANTS, Formulas

KINDS = ("number", "money", "percent")
DIGITS = {"number": (0, 1, 2, 4), "money": (0, 1, 2), "percent": (0, 1, 2)}
STEPS = {"number": ("0.5", "3", "0.25"), "money": ("0.05", "5"), "percent": ("0.5", "10")}


@dataclass(slots=True)
class Made:
    """A shape: its keys in their order, the kind it gives and the reasons for which it may be absent."""

    body: dict[str, Text]
    kind: str
    reasons: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    finished: bool = False


class Definitions:
    """Makes values and payments."""

    def __init__(self, draft: Draft, formulas: Formulas) -> None:
        self.draft = draft
        self.rng = draft.rng
        self.formulas = formulas

    # --- what stands around a shape

    def value(self, level: str, shape: str) -> None:
        """Add a value of the given shape, if the level allows it."""
        seat, head, reasons = self.head(level) if shape not in UNGUARDED else (Seat(level), {}, ())
        made = getattr(self, shape)(seat)
        if made is None:
            return
        name = self.draft.fresh("v")
        body = {**head, **made.body, **self.finish(made, seat), **self.type(made), "illustrative": "yes"}
        self.draft.values.setdefault(level, {})[name] = body
        found = tuple(dict.fromkeys((*reasons, *made.reasons)))
        self.draft.add(Name(level, name, made.kind, found, made.options))

    def type(self, made: Made) -> dict[str, Text]:
        return {"type": made.kind} if made.kind in KINDS and made.kind != "money" else {}

    def head(self, level: str) -> tuple[Seat, dict[str, Text], tuple[str, ...]]:
        """Return `needs` and `only_if`, the seat behind them, and the reasons they add."""
        seat, head, reasons = Seat(level), dict[str, Text](), tuple[str, ...]()
        unsure = [name for name in self.draft.seen(seat) if name.reasons]
        if unsure and self.draft.chance(0.5):
            needed = self.rng.sample(unsure, min(len(unsure), self.rng.choice((1, 2, 2))))
            head["needs"] = needed[0].text if len(needed) == 1 else [name.text for name in needed]
            reasons = tuple(reason for name in needed for reason in name.reasons)
            seat = seat.knowing(*(name.text for name in needed))
        if self.draft.chance(0.3):
            left = [name for name in unsure if self.draft.reasons(name, seat)]
            if left and self.draft.chance(0.4):
                name = self.rng.choice(left)
                test = self.formulas.truth(seat.knowing(name.text), 1)
                head["only_if"] = formula(f"{name.text} is not missing and {test}")
                seat = seat.knowing(name.text)
            else:
                head["only_if"] = formula(self.formulas.truth(seat, 1))
            head["otherwise"] = self.rng.choice(REASONS)
            reasons = (*reasons, str(head["otherwise"]))
        return seat, head, reasons

    def finish(self, made: Made, seat: Seat) -> dict[str, Text]:
        """Return `at_least`, `at_most` and `round`."""
        if made.finished or made.kind not in KINDS:
            return {}
        return self.caps(made.kind, seat, 0.25, 0.5)

    def caps(self, kind: str, seat: Seat, capped: float, rounded: float) -> dict[str, Text]:
        """Return `at_least`, `at_most` and `round`; what is rounded has bounds that no rounding passes."""
        found: dict[str, Text] = {}
        way = self.rounding(kind) if self.draft.chance(rounded) else ""
        for key in ("at_least", "at_most"):
            if not self.draft.chance(capped):
                continue
            bound = self.formulas.leaf(kind, seat)
            if way.endswith({"at_most": "floor", "at_least": "ceiling"}[key]) and self.draft.chance(0.7):
                found[key] = formula(bound)
                continue
            if way.startswith("to"):
                bound = {"0.5": "1", "3": "3", "0.25": "1.5", "0.05": "$12.50", "5": "$100"}.get(way.split()[1], "1")
                bound = {"0.5": "50%", "10": "50%"}[way.split()[1]] if kind == "percent" else bound
            elif way:
                bound = f"round({bound}, {way.split()[0]}, {self.rng.choice(MODES)})"
            found[key] = formula(bound)
        return {**found, "round": way} if way else found

    def rounding(self, kind: str) -> str:
        mode = self.rng.choice(MODES)
        if self.draft.chance(0.25):
            return f"to {self.rng.choice(STEPS[kind])} {mode}"
        return f"{self.rng.choice(DIGITS[kind])} {mode}"

    def branch(self, key: str, kind: str, seat: Seat, reasons: list[str], depth: int = 1) -> dict[str, Text]:
        """Return what a case gives: a formula with caps and rounding, a name that carries its absence, an absence."""
        how = self.rng.random() if key != "otherwise" else self.rng.uniform(0.1, 1)
        if how < 0.12:
            reason = self.rng.choice(REASONS)
            reasons.append(reason)
            return {key: f"absent {reason}"}
        carried = [n for n in self.draft.seen(seat) if self.formulas.is_kind(n, kind) and self.draft.reasons(n, seat)]
        if how < 0.25 and carried:
            name = self.rng.choice(carried)
            reasons.extend(name.reasons)
            found: dict[str, Text] = {key: name.text}
        else:
            found = {key: formula(self.formulas.make(kind, seat, depth))}
        if kind in KINDS:
            found.update(self.caps(kind, seat, 0.3, 0.3))
        return found

    def kind(self) -> str:
        return self.rng.choice(("number", "number", "money", "percent"))

    # --- formulas

    def plain(self, seat: Seat) -> Made:
        kind = self.kind()
        return Made({"formula": formula(self.formulas.make(kind, seat, 3))}, kind)

    def day(self, seat: Seat) -> Made:
        return Made({"formula": formula(self.formulas.make("date", seat, 2))}, "date")

    def truth(self, seat: Seat) -> Made:
        return Made({"formula": formula(self.formulas.make("yes_no", seat, 2))}, "yes_no")

    def flag(self, seat: Seat) -> Made | None:
        unsure = [n for n in self.draft.seen(seat) if n.reasons and (n.kind in KINDS or n.kind in NUMBERS)]
        if not unsure:
            return None
        name = self.rng.choice(unsure)
        also = f" and {name.text} >= {name.text}" if self.draft.chance(0.3) else ""
        return Made({"formula": formula(f"{name.text} is not missing{also}")}, "yes_no", options=(name.text,))

    def carry(self, seat: Seat) -> Made | None:
        names = [n for n in self.draft.seen(seat) if n.reasons and not n.dated and (n.kind in CONSTANTS)]
        if not names:
            return None
        name = self.rng.choice(names)
        return Made({"formula": name.text}, "number" if name.kind in NUMBERS else name.kind, name.reasons)

    def tie(self, seat: Seat) -> Made | None:
        """Return half of a whole number of units, rounded to whole units: a tie whenever that number is odd."""
        names = [n for n in self.draft.readable(seat, ("count", "money", "percent", "number")) if n.is_input]
        if not names:
            return None
        name = self.rng.choice(names)
        kind = "number" if name.kind in NUMBERS else name.kind
        mode = self.rng.choice((*MODES, "half_up", "half_even"))
        text = self.rng.choice(
            (
                f"{name.text} / 2",
                f"-{name.text} / 2",
                f"0.5 * {name.text}",
                f"-0.5 * {name.text}",
                f"-1.5 * {name.text}",
            )
        )
        digits = {"count": 0, "number": 2}.get(name.kind, 2)
        way = f"{digits} {mode}" if name.kind != "count" or self.draft.chance(0.5) else f"to 0.5 {mode}"
        if way.startswith("to"):
            text = text.replace("/ 2", "/ 4").replace("0.5 *", "0.25 *").replace("1.5 *", "0.75 *")
        if kind == "percent":  # half of a percent is a percent, 0.5 times one a ratio whose digits are not known
            text = text.replace("0.5 *", "50% of").replace("1.5 *", "150% of")
        if self.draft.chance(0.3):
            return Made({"formula": formula(f"round({text}, {digits}, {mode})")}, kind, finished=True)
        return Made({"formula": formula(text), "round": way}, kind, finished=True)

    def guarded(self, seat: Seat) -> Made | None:
        """Return a quotient whose divisor a condition shows not to be zero."""
        kind = self.kind()
        kinds = NUMBERS if kind == "number" else (kind,)
        names = [name for name in self.draft.readable(seat, kinds) if name.is_input and not name.positive]
        if not names:
            return None
        name, zero = self.rng.choice(names), {"number": "0", "money": "$0", "percent": "0%"}[kind]
        test = ">" if name.never_negative else self.rng.choice((">", "<"))
        above = self.formulas.make(kind, seat, 2)
        if self.draft.chance(0.5):
            otherwise = self.rng.choice(("0", "1.5", "(-1)"))
            text = f"if {name.text} {test} {zero} then {above} / {name.text} else {otherwise}"
            return Made({"formula": formula(text)}, "number")
        reasons: list[str] = []
        return Made(
            {
                "choose": [
                    {"when": formula(f"{name.text} {test} {zero}"), "is": formula(f"{above} / {name.text}")},
                    {**self.branch("otherwise", "number", seat, reasons, 0)},
                ]
            },
            "number",
            tuple(reasons),
        )

    # --- one case of several

    def choose(self, seat: Seat) -> Made:
        kind = self.rng.choice((*KINDS, "date", "yes_no"))
        reasons: list[str] = []
        cases: list[Text] = []
        here = seat
        tested: set[str] = set()
        for _ in range(self.rng.randint(1, 3)):
            unsure = [name for name in self.draft.seen(here) if self.draft.reasons(name, here)]
            if unsure and self.draft.chance(0.25):
                name = self.rng.choice(unsure)
                cases.append({"when": formula(f"{name.text} is missing"), **self.branch("is", kind, here, reasons)})
                here = here.knowing(name.text)
            else:
                when = formula(self.formulas.open(here, tested))
                cases.append({"when": when, **self.branch("is", kind, here, reasons)})
        cases.append(self.branch("otherwise", kind, here, reasons))
        return Made({"choose": cases}, kind, tuple(reasons))

    def tiers(self, seat: Seat) -> Made:
        kind, kept = self.kind(), self.kind()
        subject = self.formulas.make(kind, seat, 1)
        words: tuple[str, ...] = self.rng.choice((("at_least", "more_than"), ("at_most", "less_than")))
        bounds = self.rng.sample(CONSTANTS[kind], self.rng.randint(1, 3))
        bounds.sort(key=size, reverse=words[0] == "at_least")
        if self.formulas.better(seat) and self.draft.chance(0.6):
            words, bounds = ("reaches",), bounds[:1]
        if len(bounds) == 1 and self.draft.chance(0.7):
            bounds = [self.formulas.leaf(kind, seat)]
        reasons: list[str] = []
        steps: list[Text] = []
        for bound in bounds:
            word = self.rng.choice(words)
            given = {key: part for key, part in self.branch("is", kept, seat, reasons, 0).items() if key != word}
            steps.append({word: formula(bound), **given})
        steps.append(self.branch("otherwise", kept, seat, reasons, 0))
        return Made({"tiers": formula(subject), "steps": steps}, kept, tuple(reasons))

    def interpolate(self, seat: Seat) -> Made:
        kind, kept = self.kind(), self.kind()
        places = {
            "number": ("(-1)", "0", "0.5", "2", "3", "10"),
            "money": ("$0", "$3", "$12.50", "$100"),
            "percent": ("0%", "5%", "50%", "62.5%", "100%"),
        }[kind]
        count = self.rng.randint(2, len(places))
        at = sorted(self.rng.sample(range(len(places)), count))
        rise = [self.formulas.constant(kept) if self.draft.chance(0.8) else self.formulas.leaf(kept, seat) for _ in at]
        points: list[Text] = [
            {"at": formula(places[n]), "is": formula(value)} for n, value in zip(at, rise, strict=True)
        ]
        reasons: list[str] = []
        if self.draft.chance(0.25):
            subject = f"clamp({self.formulas.make(kind, seat, 1)}, {places[at[0]]}, {places[at[-1]]})"
            ends: dict[str, Text] = {}
        else:
            subject = self.formulas.make(kind, seat, self.rng.choice((0, 0, 1)))
            ends = {}
            for end in ("below", "above"):
                made = self.branch(end, kept, seat, reasons, 0)
                ends[end] = made[end]
        return Made({"interpolate": formula(subject), "points": points, **ends}, kept, tuple(reasons))

    def table(self, seat: Seat) -> Made | None:
        words = self.draft.readable(seat, ("category", "yes_no"))
        numbers = self.draft.readable(seat, KINDS)
        if not words or not numbers:
            return None
        first, second, kept = self.rng.choice(words), self.rng.choice(numbers), self.kind()
        low, high = {"number": ("0.5", "3"), "money": ("$3", "$100"), "percent": ("5%", "50%")}[second.kind]
        cuts = self.rng.choice(
            (
                (f"less than {low}", f"{low} to {high}", f"more than {high}"),
                (f"{low} or less", f"more than {low}"),
                (f"less than {high}", f"{high} or more"),
            )
        )
        reasons: list[str] = []
        rows: list[Text] = []
        for word in first.options if first.kind == "category" else ("yes", "no"):
            cells = ("any",) if self.draft.chance(0.3) else cuts
            rows += [
                {first.text: word, second.text: cell, **self.branch("is", kept, seat, reasons, 0)} for cell in cells
            ]
        return Made({"table": rows}, kept, tuple(reasons))

    def by_member(self, seat: Seat) -> Made | None:
        shelf = self.draft.shelves[seat.level]
        if shelf.kind != "members":
            return None
        kept = self.kind()
        reasons: list[str] = []
        outcomes: dict[str, Text] = {}
        for member, _ in shelf.members:
            made = self.branch("is", kept, seat, reasons)
            outcomes[member] = made["is"] if len(made) == 1 else {**made}
        return Made({"by_member": outcomes}, kept, tuple(reasons))

    # --- several items

    def policy(self, reasons: tuple[str, ...], actions: tuple[str, ...]) -> tuple[Text, dict[str, str]]:
        """Return a policy and what it does for each reason."""
        if self.draft.chance(0.5):
            action = self.rng.choice(actions)
            return action, dict.fromkeys(reasons, action)
        done = {reason: self.rng.choice(actions) for reason in reasons}
        return dict(done), done

    def higher_of(self, seat: Seat) -> Made | None:
        kind = self.kind()
        names = [n for n in self.draft.seen(seat) if self.formulas.is_kind(n, kind) and not n.dated]
        if not names:
            return None
        unsure = [name for name in names if name.reasons]
        chosen = self.rng.sample(unsure, min(len(unsure), self.rng.choice((1, 2, 2, 3))))
        chosen += self.rng.sample(names, 1) if self.draft.chance(0.4) or not chosen else []
        items = [name.text for name in chosen]
        if self.draft.chance(0.3) or len(items) == 1:
            items.insert(self.rng.randint(0, len(items)), self.formulas.make(kind, seat, 1))
        reasons = tuple(dict.fromkeys(reason for name in chosen for reason in name.reasons))
        body: dict[str, Text] = {self.rng.choice(("higher_of", "lower_of")): [formula(item) for item in items]}
        kept: tuple[str, ...] = ()
        if reasons:
            body["absent"], done = self.policy(reasons, ("ignore", "zero", "absent"))
            kept = tuple(r for r in reasons if done[r] in ("absent", "ignore"))
            first = next((n for n in chosen if n.text == items[0]), None)
            all_unsure = all(self.draft.names[i].reasons if i in self.draft.names else False for i in items)
            if not all_unsure or first is None:
                kept = tuple(r for r in reasons if done[r] == "absent")
            else:
                kept = tuple(r for r in reasons if done[r] == "absent" or (r in first.reasons and done[r] == "ignore"))
        return Made(body, kind, kept)

    def gather(self, seat: Seat) -> Made | None:
        function = self.rng.choice(
            (
                *("sum", "count", "mean", "mean", "weighted_mean", "weighted_mean", "min", "max", "any", "all"),
                *("at_least_of", "variance", "standard_deviation", "quantile", "quantile"),
            )
        )
        condition = function in ("any", "all", "at_least_of")
        kinds: tuple[str, ...] = ("yes_no",) if condition else (*KINDS, "count", "points")
        if function in ("variance", "standard_deviation"):
            kinds = ("number", "percent", "count")
        elif function in ("min", "max"):
            kinds = (*kinds, "date")
        below = self.draft.gatherable(seat.level)
        names = [n for n in self.draft.names.values() if n.level in below and n.kind in kinds and not n.dated]
        unsure = [name for name in names if name.reasons]
        if not names:
            return None
        name = self.rng.choice(unsure if unsure and self.draft.chance(0.7) else names)
        inner = self.formulas.inside(seat, name.level)
        body: dict[str, Text] = {function: name.text}
        if function == "at_least_of":
            body = {"at_least_of": self.rng.choice(("1", "2")), "of": name.text}
        if function == "weighted_mean":
            weights = [
                n
                for n in self.draft.readable(inner, (*KINDS, "count"))
                if n.level == name.level and n.never_negative and (n.kind != "percent" or n.is_input or n.is_weight)
            ]
            body["by"] = self.rng.choice(weights).text if weights else formula("abs(2 - 5)")
        if function in ("variance", "standard_deviation"):
            body["definition"] = self.rng.choice(("sample", "population"))
        if function == "quantile":
            body["at"] = self.rng.choice(("25%", "40%", "50%", "90%", "0%", "100%"))
            body["definition"] = self.rng.choice(("nearest_rank", "hyndman_fan_6", "hyndman_fan_7"))
        if where := self.draft.chance(0.35):
            body["where"] = formula(self.formulas.truth(inner, 1))
        left_out, reasons = False, list[str]()
        if name.reasons:
            actions: tuple[str, ...] = ("redistribute", "ignore", "zero", "absent")
            if name.kind == "date" and function != "count":
                actions = ("redistribute", "ignore", "absent")
            body["absent"], done = self.policy(name.reasons, actions)
            left_out = any(action in ("redistribute", "ignore") for action in done.values())
            reasons += [reason for reason, action in done.items() if action == "absent"]
        may_be_empty = (
            left_out or where or self.draft.may_be_empty(name.level, self.draft.within(seat.level, name.level))
        )
        if self.draft.chance(0.4):
            body["needs_at_least"] = self.rng.choice(("1", "2", "2", "3"))
            reasons.append("too_few_present")
        if condition and (may_be_empty or self.draft.chance(0.2)):
            body["if_none"] = self.rng.choice(("yes", "no"))
        if not condition and function not in ("sum", "count") and (may_be_empty or function == "weighted_mean"):
            reasons.append("none_present")
        if body.get("definition") == "sample":
            reasons.append("too_few_present")
        kind = "yes_no" if condition else "number" if function == "count" or name.kind in NUMBERS else name.kind
        return Made(body, kind, tuple(dict.fromkeys(reasons)))

    # --- standing

    def top(self, seat: Seat) -> Made | None:
        shelf = self.draft.shelves[seat.level]
        above = [name for name in self.draft.chain(seat.level)[1:] if self.draft.shelves[name].kind != "cohort"]
        if shelf.kind not in ("members", "list") or not above:
            return None
        within = above[0] if self.draft.chance(0.7) else self.rng.choice(above)
        kinds = (*KINDS, "count", "date", "yes_no")
        unsure = [n for n in self.draft.seen(seat) if n.level == seat.level and n.reasons and n.kind in kinds]
        sure = [n for n in self.draft.readable(seat, kinds) if n.level == seat.level]
        order = [name.text for name in self.rng.sample(unsure, min(len(unsure), 1 if self.draft.chance(0.8) else 0))]
        reasons = tuple(r for text in order for r in self.draft.names[text].reasons)
        if sure:
            order.insert(self.rng.randint(0, len(order)), self.rng.choice(sure).text)
        if not order or self.draft.chance(0.3):
            order.insert(0, self.rng.choice((self.formulas.truth, self.formulas.number))(seat, 1))
        if len(order) == 1 and order[0] in self.draft.names and self.draft.chance(0.3):
            order.append(self.formulas.number(seat, 1))
        between = [self.draft.shelves[name].kind for name in self.draft.chain(seat.level)[1:] if name != within]
        between = between[: self.draft.chain(seat.level).index(within) - 1]
        own = shelf.key if not between else ""
        if shelf.kind == "members":
            own = seat.level if all(kind == "members" for kind in between) else ""
        ties = own if own and self.draft.chance(0.5) else "all_in"
        flags = [n for n in sure if n.kind in ("yes_no", "count")]
        if ties != "all_in" and flags and self.draft.chance(0.6):  # few values, so that members stand equal
            order, reasons = [self.rng.choice(flags).text], ()
        share = self.draft.chance(0.4)
        body: dict[str, Text] = {
            "top": self.rng.choice(("30%", "50%", "66.67%") if share else ("1", "2", "3")),
            "within": within,
            "order": [formula(key) for key in order],
            "ties": ties,
        }
        if reasons:
            body["absent"], _ = self.policy(tuple(dict.fromkeys(reasons)), ("last", "out"))
        if share:
            body["round"] = f"0 {self.rng.choice(MODES)}"
        return Made(body, "yes_no")


def size(constant: str) -> float:
    """Return how large a constant is, for sorting."""
    return float(constant.strip("()").replace("$", "").replace("%", "").replace(",", ""))


UNGUARDED = frozenset({"higher_of", "gather", "top", "flag", "carry"})
SHAPES: tuple[tuple[str, int], ...] = (
    ("plain", 4),
    ("day", 1),
    ("truth", 2),
    ("flag", 2),
    ("carry", 2),
    ("tie", 9),
    ("guarded", 2),
    ("choose", 3),
    ("tiers", 3),
    ("interpolate", 3),
    ("table", 3),
    ("by_member", 3),
    ("higher_of", 4),
    ("gather", 10),
    ("top", 4),
)

Maker = Callable[[Seat], "Made | None"]
