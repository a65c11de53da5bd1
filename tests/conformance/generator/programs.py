"""Whole rule files from a seed."""

from __future__ import annotations

import random

from tests.conformance.generator.definitions import SHAPES, Definitions
from tests.conformance.generator.draft import REASONS, Draft, Name, Seat, Shelf, Text, formula
from tests.conformance.generator.formulas import Formulas

STRUCTURES: tuple[tuple[tuple[str, str, str], ...], ...] = (
    (("domain", "members", "hospital"), ("measure", "members", "domain")),
    (("domain", "members", "hospital"), ("patient", "list", "domain")),
    (("visit", "list", "hospital"), ("line", "list", "visit")),
    (("visit", "list", "hospital"), ("phase", "members", "visit")),
    (("domain", "members", "hospital"), ("visit", "list", "hospital")),
    (("domain", "members", "hospital"), ("measure", "members", "domain"), ("visit", "list", "hospital")),
)
RANGES = {
    "number": ("-10 to 10", "0 to 12", "1 to 9", "-40 to 40"),
    "money": ('"-$100 to $1,000"', '"$0 to $2,000"', '"$1 to $100"'),
    "percent": ("0% to 100%", "-20% to 120%", "1% to 50%"),
    "count": ("0 to 12", "1 to 20", "0 to 3"),
    "points": ("0 to 10", "-5 to 5", "1 to 5"),
}


def program_text(seed: int) -> str:
    """Return the rule file of a seed; the same seed gives the same file."""
    return _Builder(random.Random(seed)).build()  # noqa: S311 (no secret: the same seed must give the same file)


class _Builder:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.draft = Draft(rng)
        self.formulas = Formulas(self.draft)
        self.definitions = Definitions(self.draft, self.formulas)

    def build(self) -> str:
        """Return the text of the file."""
        self.parameters()
        self.levels()
        for level in self.draft.shelves:
            self.inputs(level)
        self.conditional_inputs()
        self.expected()
        self.values()
        self.payments()
        return self.draft.text()

    # --- parameters

    def parameters(self) -> None:
        for kind, written in (("number", "2.5"), ("money", "$40"), ("percent", "12.5%"), ("count", "3")):
            if self.draft.chance(0.5):
                name = self.draft.fresh("p")
                self.draft.parameters[name] = {"type": kind, "is": written, "illustrative": "yes"}
                self.draft.add(Name("", name, kind, positive=True, never_negative=True))
        for kind in ("number", "percent", "yes_no", "category", "date"):
            if self.draft.chance(0.2):
                name = self.draft.fresh("p")
                declared, made = self.declared("", name, kind)
                self.draft.parameters[name] = {**declared, "is": "required"}
                self.draft.add(made)
        for kind in ("number", "money", "percent"):
            if self.draft.chance(0.5):
                self.dated(kind)
        if self.draft.chance(0.7):
            name = self.draft.fresh("codes")
            listed = self.rng.choice((["99202 to 99215", "G0438"], ["99210"], ["99202 to 99205", "010001"]))
            self.draft.parameters[name] = {"type": "codes", "is": listed, "illustrative": "yes"}
            self.draft.codes.append(name)

    def dated(self, kind: str) -> None:
        values = {"number": ("1", "2.5", "-3"), "money": ("$10", "$12.50", "$0.05"), "percent": ("5%", "0%", "62.5%")}
        old, new, last = values[kind]
        name = self.draft.fresh("dated")
        bare = self.draft.chance(0.4)
        entries: list[Text] = [{"from": "2000-01-01", "through": "2023-06-30", "is": old, "illustrative": "yes"}]
        if bare:
            entries.append({"from": "2023-07-01", "through": "2024-12-31", "is": new, "illustrative": "yes"})
        else:
            entries.append({"from": "2023-07-01", "through": "2024-01-31", "is": new, "illustrative": "yes"})
            silent: Text = {"unstated": "yes"} if self.draft.chance(0.6) else {"is": old, "illustrative": "yes"}
            assert isinstance(silent, dict)
            entries.append({"from": "2024-02-01", "through": "2024-02-29", **silent})
            entries.append({"from": "2024-03-01", "is": last, "illustrative": "yes"})
        after = "error" if self.draft.chance(0.25) else "carry_with_warning"
        self.draft.parameters[name] = {
            "type": kind,
            "dated": entries,
            "stated_through": "2024-12-31" if bare else "2024-07-01",
            "after": after,
        }
        self.draft.add(Name("", name, kind, dated=not bare))
        if bare:
            self.draft.add(Name("", name, kind))

    # --- levels

    def levels(self) -> None:
        shelves = self.draft.shelves
        shelves["cohort"] = Shelf("cohort", "cohort", None)
        shelves["hospital"] = Shelf("hospital", "participant", "cohort")
        for name, kind, parent in self.rng.choice(STRUCTURES):
            shelf = shelves[name] = Shelf(name, kind, parent)
            if kind == "list":
                shelf.at_most = self.rng.choice((2, 3, 4))
                if self.draft.chance(0.7):
                    shelf.key = self.draft.fresh("key")
                continue
            above = shelves[parent]
            if above.kind == "members":
                inside = [member for member, _ in above.members]
                if self.draft.chance(0.3):
                    inside = inside[1:]
                shelf.members = [(f"{name}_{9 - n}", self.rng.choice(inside)) for n in range(self.rng.randint(2, 4))]
                shelf.members += [(f"{name}_x{n}", member) for n, member in enumerate(inside)]
            else:
                shelf.members = [(f"{name}_{9 - n}", None) for n in range(self.rng.randint(2, 3))]
            self.cells(shelf)
            self.draft.add(Name(name, name, "category", options=tuple(member for member, _ in shelf.members)))

    def cells(self, shelf: Shelf) -> None:
        """Give members a table of parameters."""
        choices = {
            "number": ("1", "0.5", "2.25", "3", "10"),
            "money": ("$3", "$12.50", "$100"),
            "percent": ("5%", "25%", "62.5%", "100%"),
            "yes_no": ("yes", "no"),
            "date": ("2024-02-29", "2024-07-01", "2023-12-31"),
            "count": ("1", "2", "3"),
        }
        directed = any("better" in self.draft.shelves[above].columns for above in self.draft.chain(shelf.name))
        if not directed and self.draft.chance(0.8):
            shelf.columns["better"] = "direction"
            for member, _ in shelf.members:
                shelf.cells.setdefault(member, {})["better"] = self.rng.choice(("higher", "lower"))
            self.draft.add(Name(shelf.name, "better", "direction"))
        if not any(parent for _, parent in shelf.members) and self.draft.chance(0.7):
            name = self.draft.fresh("weight")
            shelf.columns[name], shelf.expect = "percent", f"sum({name}) = 100%"
            parts = {2: ("25%", "75%"), 3: ("20%", "50%", "30%")}[len(shelf.members)]
            for (member, _), part in zip(shelf.members, parts, strict=True):
                shelf.cells.setdefault(member, {})[name] = part
            self.draft.add(Name(shelf.name, name, "percent", positive=True, never_negative=True, is_weight=True))
        for kind, written in choices.items():
            if not self.draft.chance(0.45):
                continue
            name = self.draft.fresh("c")
            absent = self.rng.choice(REASONS) if self.draft.chance(0.3) else ""
            shelf.columns[name] = {"type": kind, "may_be": absent} if absent else kind
            for number, (member, _) in enumerate(shelf.members):
                gone = absent and (number == 0 or self.draft.chance(0.3))
                shelf.cells.setdefault(member, {})[name] = absent if gone else self.rng.choice(written)
            positive = kind in ("number", "money", "percent", "count")
            self.draft.add(
                Name(shelf.name, name, kind, (absent,) if absent else (), positive=positive, never_negative=positive)
            )

    # --- inputs

    def declared(self, level: str, name: str, kind: str) -> tuple[dict[str, Text], Name]:
        """Return the declaration of an input or a required parameter, and its name."""
        found: dict[str, Text] = {"type": kind}
        options: tuple[str, ...] = ()
        positive = never_negative = False
        if kind == "category":
            options = ("red", "green", "blue")[: self.rng.randint(2, 3)]
            found["of"] = list(options)
        if kind in ("number", "money", "percent", "points"):
            digits = {"number": ("0", "1", "2", "4"), "money": ("2",), "percent": ("0", "2", "4"), "points": ("0", "1")}
            found["decimals"] = self.rng.choice(digits[kind])
        if kind in RANGES:
            found["range"] = self.rng.choice(RANGES[kind])
            low = str(found["range"]).strip('"$')
            positive, never_negative = low.startswith("1"), low.startswith(("0", "1"))
        if kind == "date":
            found["range"] = "2023-01-01 to 2025-03-31"
        return found, Name(level, name, kind, (), options, positive, never_negative, is_input=True)

    def inputs(self, level: str) -> None:
        shelf = self.draft.shelves[level]
        if shelf.key:
            self.draft.inputs.setdefault(level, {})[shelf.key] = {"type": "identifier"}
            self.draft.add(Name(level, shelf.key, "identifier"))
        likely = 0.25 if level == "cohort" else 0.6
        kinds = ("number", "number", "money", "percent", "count", "points", "yes_no", "category", "date", "identifier")
        for kind in (*kinds, "text"):
            if self.draft.chance(likely if kind != "text" else 0.2):
                self.input(level, kind)

    def input(self, level: str, kind: str) -> None:
        name = self.draft.fresh("i")
        declared, made = self.declared(level, name, kind)
        reasons: tuple[str, ...] = ()
        if self.draft.chance(0.45):
            reasons = tuple(self.rng.sample(REASONS, self.rng.choice((1, 1, 2, 3))))
            declared["may_be"] = reasons[0] if len(reasons) == 1 else list(reasons)
        self.draft.inputs.setdefault(level, {})[name] = declared
        self.draft.add(
            Name(level, name, kind, reasons, made.options, made.positive, made.never_negative, is_input=True)
        )

    def conditional_inputs(self) -> None:
        """Add inputs that are expected only where a condition on other inputs holds."""
        for level in list(self.draft.inputs):
            if level == "cohort" or not self.draft.chance(0.6):
                continue
            for _ in range(self.rng.choice((1, 1, 2))):
                kind = self.rng.choice(("number", "money", "percent", "count", "date", "yes_no"))
                name = self.draft.fresh("i")
                declared, made = self.declared(level, name, kind)
                declared["only_if"] = formula(self.formulas.truth(Seat(level), 0))
                otherwise = self.rng.choice(REASONS)
                declared["otherwise"] = otherwise
                reasons: tuple[str, ...] = ()
                if self.draft.chance(0.4):
                    reasons = (self.rng.choice(REASONS),)
                    declared["may_be"] = reasons[0]
                self.draft.inputs[level][name] = declared
                both = tuple(dict.fromkeys((*reasons, otherwise)))
                self.draft.add(
                    Name(level, name, kind, both, made.options, made.positive, made.never_negative, is_input=True)
                )

    def expected(self) -> None:
        """Add what is expected of inputs: things that mostly hold."""
        for level in self.draft.inputs:
            if not self.draft.chance(0.35):
                continue
            seen = [n for n in self.draft.seen(Seat(level)) if n.is_input and n.kind in ("number", "count", "points")]
            if len(seen) < 2:
                continue
            one, other = self.rng.sample(seen, 2)
            self.draft.expected[level] = [
                formula(
                    self.rng.choice(
                        (
                            f"{one.text} <= {other.text} + 15",
                            f"{one.text} >= -5 or {other.text} is missing" if other.reasons else f"{one.text} >= -5",
                            f"{one.text} is missing or {one.text} < 10" if one.reasons else f"{one.text} < 10",
                            f"{one.text} >= -9 and {other.text} >= -9",
                            f"if {other.text} > 0 then {one.text} > -6 else {one.text} < 12",
                        )
                    )
                )
            ]

    # --- values

    def values(self) -> None:
        levels = [level for level in self.draft.shelves if level != "cohort"]
        shapes, weights = [shape for shape, _ in SHAPES], [weight for _, weight in SHAPES]
        if self.draft.inputs.get("cohort") and self.draft.chance(0.5):
            self.definitions.value("cohort", self.rng.choice(("plain", "choose", "tie")))
        for _ in range(self.rng.randint(14, 20)):
            (shape,) = self.rng.choices(shapes, weights)
            if shape in ("by_member", "top"):
                kinds = ("members",) if shape == "by_member" else ("members", "list")
                fit = [name for name in levels if self.draft.shelves[name].kind in kinds]
            elif shape == "gather":
                fit = [name for name in levels if self.draft.gatherable(name)]
            else:
                fit = levels
            if fit:
                self.definitions.value(self.rng.choice(fit), shape)

    # --- gates and payments

    def payments(self) -> None:
        level = self.rng.choice([name for name in self.draft.shelves if name != "cohort"])
        owed: list[tuple[str, str]] = []
        gates: list[tuple[str, dict[str, Text]]] = []
        in_program: list[str] = []
        if self.draft.chance(0.5):
            names = [n for n in self.draft.names.values() if n.is_input and n.level in ("hospital", "cohort", "")]
            sure = [n for n in names if not n.reasons and n.kind in ("yes_no", "number", "count")]
            unsure = [n for n in names if n.reasons and n.kind != "text"]
            if sure:
                there = self.rng.choice(sure)
                text = there.text if there.kind == "yes_no" else f"{there.text} >= 1"
                gates.append(("hospital", {"require": formula(text), "otherwise": "not_in_program"}))
            if unsure and self.draft.chance(0.5):
                there = self.rng.choice(unsure)
                gates.append(("hospital", {"require": f"{there.text} is not missing", "otherwise": "not_in_program"}))
                in_program.append(there.text)
        count = self.rng.randint(1, 3)
        for number in range(count):
            where = level if number == 0 else "hospital"
            name = f"pay_{number}"
            owed.append((where, name))
            self.payment(where, name, in_program)
        for where, name in owed:
            if self.draft.chance(0.6):
                truth = self.formulas.truth(Seat(where), 1)
                if any(paid in truth for _, paid in owed):
                    continue
                nothing: dict[str, Text] = {"otherwise": "pays_nothing"}
                amount: dict[str, Text] = {"pays": '"$7.50"'}
                action = self.rng.choice((nothing, amount))
                gates.append((where, {"require": formula(truth), **action, "on": [name]}))
        if self.draft.chance(0.3):
            truth = self.formulas.truth(Seat("hospital"), 1)
            if not any(paid in truth for _, paid in owed):
                gates.append(("hospital", {"require": formula(truth), "otherwise": "pays_nothing"}))
        self.rng.shuffle(gates)
        for where, gate in gates:
            self.draft.gates.setdefault(where, {})[self.draft.fresh("g")] = {**gate, "illustrative": "yes"}

    def payment(self, level: str, name: str, in_program: list[str]) -> None:
        seat, head, reasons = self.definitions.head(level)
        seat = seat.knowing(*in_program)
        above = [other for other in self.draft.payments.get("hospital", {}) if level == "hospital"]
        text = self.formulas.make("money", seat, 2)
        if above and self.draft.chance(0.5):
            text = f"{text} - {self.rng.choice(above)}"
        shape: dict[str, Text] = {"formula": formula(text)}
        found = list(reasons)
        if self.draft.chance(0.3):
            when = formula(self.formulas.open(seat, set()))
            first = {"when": when, **self.definitions.branch("is", "money", seat, found)}
            shape = {"choose": [first, self.definitions.branch("otherwise", "money", seat, found)]}
        body: dict[str, Text] = {**head, **shape}
        if self.draft.chance(0.4):
            body["at_most"] = formula(f"round({self.formulas.leaf('money', seat)}, 2, down)")
        body["round"] = f"2 {self.rng.choice(('down', 'half_up', 'half_even', 'floor', 'up'))}"
        if found or head:
            body["absent"] = "pays_nothing"
        body["illustrative"] = "yes"
        self.draft.payments.setdefault(level, {})[name] = body
