"""Document to program: every name bound, every type settled, every value placed after what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import NoReturn

from vbc_rules.language import document
from vbc_rules.language.types import MONEY, YES_NO, Type, type_named
from vbc_rules.resolve import units
from vbc_rules.resolve.declarations import (
    COHORT,
    declared_type,
    gathering_by,
    make_domain,
    make_levels,
    make_parameter,
    name_type,
)
from vbc_rules.resolve.expressions import Constant, Expr, Read, Ref, children
from vbc_rules.resolve.formulas import Lowering
from vbc_rules.resolve.naming import Refused
from vbc_rules.resolve.order import in_order, names_read, reads_of_gate, reads_of_value
from vbc_rules.resolve.placing import Placing
from vbc_rules.resolve.populations import Populations
from vbc_rules.resolve.program import (
    Definition,
    Expectation,
    FormulaShape,
    Gate,
    Guarantee,
    Input,
    Level,
    Parameter,
    Program,
    Shape,
    Slot,
)
from vbc_rules.resolve.roundings import rounding_of
from vbc_rules.resolve.scope import Scope
from vbc_rules.resolve.shapes import ShapeLowering
from vbc_rules.source.diagnostic import Findings, Related
from vbc_rules.source.nearest import nearest


def resolve(doc: document.Document, findings: Findings) -> Program:
    """Return the resolved program; what could not be resolved is left out of it and stands in `findings`."""
    return _Resolver(_with_its_participant(doc, findings), findings).program()


def _with_its_participant(doc: document.Document, findings: Findings) -> document.Document:
    """Return the document; where its one participant is misspelt, say so once, and read on as if it were not."""
    named = {given.level.text for given in doc.inputs} | {gate.level.text for gate in doc.gates}
    named |= {value.level.text for value in (*doc.values, *doc.payments)} | {word.text for word, _ in doc.expected}
    named |= {entry.parent.text for entry in doc.levels if entry.parent is not None}
    unknown = named - {COHORT, doc.participant.text, *(entry.name.text for entry in doc.levels)}
    if doc.participant.text in named or len(unknown) != 1:
        return doc
    meant = unknown.pop()
    findings.error(
        "VBC309",
        f"nothing stands on `{doc.participant.text}`; the file speaks of `{meant}`",
        doc.participant.span,
        f"write `{meant}`",
    )
    return replace(doc, participant=document.Word(meant, doc.participant.span))


class _Resolver:
    """Holds the tables while they fill; used once."""

    def __init__(self, doc: document.Document, findings: Findings) -> None:
        self.doc = doc
        self.findings = findings
        self.levels: Mapping[str, Level] = make_levels(doc, findings)
        self.parameters: dict[str, Parameter] = {}
        for entry in doc.parameters:
            parameter = make_parameter(entry, findings)
            if parameter is not None:
                self.parameters[parameter.name] = parameter
        self.groups_have_one_key = {entry.name.text: len(entry.by) == 1 for entry in doc.levels}
        self.slots: dict[Ref, Slot] = {}
        self.amounts: list[tuple[Constant, frozenset[Ref]]] = []
        self.names: dict[str, dict[str, document.Word]] = {level: {} for level in self.levels}
        self.names[""] = {entry.name.text: entry.name for entry in doc.parameters}
        made = [Ref(entry.level.text, entry.name.text) for entry in (*doc.values, *doc.payments)]
        self.computed = frozenset((*made, *(Ref(entry.level.text, entry.name.text) for entry in doc.gates)))
        self._declare()
        known = {
            level: frozenset((*names, level) if self._has_name(level) else names) for level, names in self.names.items()
        }
        self.populations = Populations(doc, self.levels, known, findings)
        self.levels = self.populations.levels
        self.scope = Scope(self.levels, known, self.populations.uppers, doc.participant.text)
        self.groups_named_by: dict[Ref, list[str]] = {}
        for level in self.levels.values():
            if level.kind == "groups" and len(level.by) == 1:
                self.groups_named_by.setdefault(level.by[0], []).append(level.name)
        for slot in tuple(self.slots.values()):
            self._name_groups(slot)
        refused = frozenset(entry.name.text for entry in doc.levels) - self.levels.keys()
        self.lowering = Lowering(self.scope, self.slots, self.parameters, self.levels, doc.in_force, findings, refused)

    def _has_name(self, level: str) -> bool:
        if level == "":
            return False
        here = self.levels[level]
        if here.kind == "groups":
            return self.groups_have_one_key.get(level, False)
        return here.kind in ("members", "participant") or (here.kind == "list" and here.key is not None)

    def _name_groups(self, slot: Slot) -> None:
        """Give the groups that go by one name that name's type, as soon as it is known."""
        for level in self.groups_named_by.get(slot.ref, ()):
            name = Ref(level, level)
            self.slots[name] = Slot(name, "name", slot.type, self.levels[level].span)

    # --- declarations -------------------------------------------------------------------------------------------------

    def _declare(self) -> None:
        """Put every name on its level; types of inputs and cells are settled here, those of values later."""
        for level in self.levels.values():
            if level.kind in ("members", "participant", "list"):
                ref = Ref(level.name, level.name)
                self.slots[ref] = Slot(ref, "name", name_type(level), level.span)
        for entry in self.doc.levels:
            if entry.name.text in self.levels:
                for name, (word, declaration) in entry.parameters.items():
                    self._put(entry.name.text, document.Word(name, word.span), "cell", declared_type(declaration))
        for given in self.doc.inputs:
            if self._known_level(given.level):
                self._put(given.level.text, given.name, "input", declared_type(given.declaration))
        for value in (*self.doc.values, *self.doc.payments):
            if self._known_level(value.level):
                self._put(value.level.text, value.name, value.role, None)
        for gate in self.doc.gates:
            if self._known_level(gate.level):
                self._put(gate.level.text, gate.name, "gate", YES_NO)

    def _known_level(self, word: document.Word) -> bool:
        if word.text in self.levels:
            return True
        if not any(entry.name.text == word.text for entry in self.doc.levels):
            close = nearest(word.text, tuple(self.levels))
            self.findings.error(
                "VBC309",
                f"there is no level `{word.text}`",
                word.span,
                gathering_by(word.text, {entry.name.text: [key.text for key in entry.by] for entry in self.doc.levels})
                or (f"write `{close}`" if close else "name the participant or a declared level"),
            )
        return False

    def _put(self, level: str, word: document.Word, kind: str, type_: Type | None) -> None:
        earlier = self.names[level].get(word.text) or self.names[""].get(word.text)
        if earlier is None and word.text in self.levels:
            earlier = document.Word(word.text, self.levels[word.text].span)
        if earlier is not None:
            self.findings.error(
                "VBC315",
                f"`{word.text}` is named twice",
                word.span,
                "give one of them another name",
                Related("the name is taken here", earlier.span),
            )
            return
        self.names[level][word.text] = word
        if type_ is not None:
            ref = Ref(level, word.text)
            self.slots[ref] = Slot(ref, kind, type_, word.span)  # type: ignore[arg-type]

    # --- the program --------------------------------------------------------------------------------------------------

    def program(self) -> Program:
        """Return the program."""
        inputs = self._inputs()
        steps = self._steps()
        expected = tuple(
            Expectation(word.text, condition, formula.text, formula.span)
            for word, formula in self.doc.expected
            if self._known_level(word)
            and (condition := self._condition(formula, word.text, given="what is expected among inputs")) is not None
        )
        spanning, membership = self.populations.across(steps, self.reads)
        guarantees = tuple(made for formula in self.doc.guarantees if (made := self._guarantee(formula)) is not None)
        return Program(
            document=self.doc,
            participant=self.doc.participant.text,
            levels=self.levels,
            slots=MappingProxyType(dict(self.slots)),
            parameters=MappingProxyType(self.parameters),
            inputs=MappingProxyType(inputs),
            steps=steps,
            expected=expected,
            guarantees=guarantees,
            member_expectations=self._member_expectations(),
            uppers=MappingProxyType(dict(self.populations.uppers)),
            spanning=spanning,
            membership=membership,
        )

    def _member_expectations(self) -> tuple[Expectation, ...]:
        """Return what each level expects of its listed members, lowered where one gathers them: on what they lie in."""
        return tuple(
            Expectation(parent, condition, formula.text, formula.span)
            for entry in self.doc.levels
            if entry.parent is not None and entry.name.text in self.levels
            if (parent := self.levels[entry.name.text].parent) is not None
            for formula in entry.expect
            if (condition := self._condition(formula, parent)) is not None
        )

    def _check_keys(self) -> None:
        """Refuse a list whose items are not told apart by an input of theirs."""
        for entry in self.doc.levels:
            if entry.key is None or entry.name.text not in self.levels:
                continue
            level = entry.name.text
            ref = Ref(level, entry.key.text)
            if ref not in self.slots or self.slots[ref].kind != "input":
                inputs = [
                    other.name for other, slot in self.slots.items() if other.level == level and slot.kind == "input"
                ]
                close = nearest(entry.key.text, inputs)
                self.findings.error(
                    "VBC318",
                    f"`{level}` has no input `{entry.key.text}` to tell its items apart by",
                    entry.key.span,
                    f"write `{close}`" if close else f"declare `{entry.key.text}` under the inputs of `{level}`",
                )

    def _inputs(self) -> dict[Ref, Input]:
        self._check_keys()
        reads = {
            Ref(entry.level.text, entry.name.text): frozenset(
                ref for ref, _ in names_read(entry.only_if.expression, self.scope.at(entry.level.text))
            )
            for entry in self.doc.inputs
            if entry.only_if is not None and entry.level.text in self.levels
        }
        spans = {Ref(entry.level.text, entry.name.text): entry.name.span for entry in self.doc.inputs}
        in_order(reads, spans, self.findings)
        found: dict[Ref, Input] = {}
        for entry in self.doc.inputs:
            ref = Ref(entry.level.text, entry.name.text)
            if ref not in self.slots:
                continue
            domain = make_domain(entry.declaration, self.findings, what=entry.name.text)
            only_if = (
                self._condition(entry.only_if, ref.level, given="`only_if` of an input")
                if entry.only_if is not None
                else None
            )
            found[ref] = Input(
                ref,
                domain,
                only_if,
                entry.otherwise.text if entry.otherwise is not None else None,
                entry.title or entry.name.text.replace("_", " "),
                entry.about or "",
                entry.name.span,
            )
        return found

    def _condition(self, formula: document.Formula, level: str, *, given: str = "") -> Expr | None:
        """Return a condition; with `given` (what it is) one asked of the inputs, before anything is computed."""
        try:
            lower = self.lowering.at(level)
            if given:
                self._only_given(formula, lower, given)
            return lower.condition(formula.expression)
        except Refused:
            return None

    def _only_given(self, formula: document.Formula, lower: Lowering, what: str) -> None:
        for ref, name in names_read(formula.expression, lower.scope):
            if ref in self.computed:
                lower.refuse(
                    "VBC319",
                    f"{what} reads `{ref.name}`, which is computed",
                    name.span,
                    "read inputs and parameters only",
                )

    def _steps(self) -> tuple[Definition | Gate, ...]:
        values = {
            Ref(entry.level.text, entry.name.text): entry
            for entry in (*self.doc.values, *self.doc.payments)
            if entry.level.text in self.levels
        }
        gates = {
            Ref(entry.level.text, entry.name.text): entry for entry in self.doc.gates if entry.level.text in self.levels
        }
        on = {ref: self._on(ref, entry, values) for ref, entry in gates.items()}
        reads: dict[Ref, frozenset[Ref]] = {}
        for ref, gate in gates.items():
            if gate.otherwise is not None and gate.otherwise.text == "not_in_program":
                reads[ref] = reads_of_gate(gate, self.scope.at(ref.level))
        for ref, value in values.items():
            held = frozenset(gate for gate, payments in on.items() if ref in payments)
            reads[ref] = reads_of_value(value, self.scope.at(ref.level)) | held
        for ref, gate in gates.items():
            reads.setdefault(ref, reads_of_gate(gate, self.scope.at(ref.level)))
        reads = {ref: self.populations.with_keys(ref, found) for ref, found in reads.items()}
        self.reads = reads
        spans = {ref: value.name.span for ref, value in values.items()}
        spans |= {ref: gate.name.span for ref, gate in gates.items()}
        steps: list[Definition | Gate] = []
        for ref in in_order(reads, spans, self.findings):
            try:
                steps.append(
                    self._definition(ref, values[ref]) if ref in values else self._gate(ref, gates[ref], on[ref])
                )
            except Refused:
                continue
        self._check_amounts()
        return tuple(steps)

    def _check_amounts(self) -> None:
        """Refuse what a gate pays in another unit than a payment it stands for."""
        for amount, on in self.amounts:
            for payment in sorted(on, key=str):
                slot = self.slots.get(payment)
                if slot is not None and units.join(slot.type, amount.type) is None:
                    self.findings.error(
                        "VBC403",
                        f"`{payment.name}` is {slot.type.one}, the gate pays {amount.type.one}",
                        amount.span,
                        f"write it as {slot.type.one}",
                    )

    def _definition(self, ref: Ref, entry: document.Value) -> Definition:
        lower = self.lowering.at(ref.level)
        wanted = type_named(entry.type.text) if entry.type is not None else None
        needs = tuple(read for formula in entry.needs if isinstance(read := lower.expression(formula.expression), Read))
        only_if = lower.condition(entry.only_if.expression) if entry.only_if is not None else None
        shaping = ShapeLowering(lower, ref.level, wanted, entry.round)
        shape = shaping.shape(entry.shape)
        found = shaping.type()
        type_ = units.settle(found, wanted)
        if type_ is None:
            lower.refuse(
                "VBC423",
                f"`{ref.name}` gives {found.one}, and says it is {(wanted or found).one}",
                shaping.other_than(wanted) or entry.span,
                "bring the formula or the `type` to the other",
            )
        if entry.role == "payment" and wanted is None and type_.kind != "money":
            self._not_money(entry, type_, shape, lower)
        if entry.round is not None and not type_.is_numeric:
            lower.refuse(
                "VBC415", f"`round` takes a quantity; here stands {type_.one}", entry.round.span, "leave out `round`"
            )
        at_least, at_most = shaping.caps(entry.at_least, entry.at_most, type_)
        self.slots[ref] = Slot(ref, entry.role, type_, entry.name.span)
        self._name_groups(self.slots[ref])
        payers = self.scope.at(ref.level).above(ref.level)
        if entry.paid_by is not None and entry.paid_by.text not in (ref.level, *payers):
            close = nearest(entry.paid_by.text, (ref.level, *payers))
            self.findings.error(
                "VBC320",
                f"`{entry.paid_by.text}` is not who is scored here",
                entry.paid_by.span,
                f"write `{close or self.doc.participant.text}`",
            )
        return Definition(
            role=entry.role,
            ref=ref,
            type=type_,
            needs=needs,
            only_if=only_if,
            otherwise=entry.otherwise.text if entry.otherwise is not None else None,
            shape=shape,
            at_least=at_least,
            at_most=at_most,
            rounding=rounding_of(entry.round, type_),
            pays_nothing_if_absent=entry.role == "payment" and entry.absent is not None,
            paid_by=entry.paid_by.text if entry.paid_by is not None else None,
            title=entry.title or entry.name.text.replace("_", " "),
            about=entry.about or "",
            provenance=entry.provenance,
            span=entry.name.span,
        )

    def _not_money(self, entry: document.Value, type_: Type, shape: Shape, lower: Lowering) -> NoReturn:
        """Refuse a payment that is no money and does not say what it is: a forgotten `$` makes no points."""
        written: str | None = None
        waiting = [shape.outcome.expr] if isinstance(shape, FormulaShape) and shape.outcome.expr is not None else []
        while waiting and written is None:
            here = waiting.pop(0)
            written = lower.as_written(here, MONEY)
            waiting.extend(children(here))
        say = f"say so: write `type: {type_.kind if type_.kind != 'count' else 'points'}`"
        lower.refuse(
            "VBC427",
            f"the payment `{entry.name.text}` comes out as {type_.one}, not as money",
            entry.shape.span,
            f"{written}; or, if it is meant, {say}"
            if written
            else f"write its amounts with `$`; or, if it is meant, {say}",
        )

    # --- gates --------------------------------------------------------------------------------------------------------

    def _on(self, ref: Ref, entry: document.Gate, values: Mapping[Ref, document.Value]) -> frozenset[Ref]:
        """Return the payments a gate decides on: those named, or all at its level and below."""
        reach = {ref.level, *self.scope.below(ref.level)}
        payments = {payment: value for payment, value in values.items() if value.role == "payment"}
        if entry.otherwise is not None and entry.otherwise.text == "not_in_program":
            return frozenset()
        if not entry.on:
            return frozenset(payment for payment in payments if payment.level in reach)
        found: set[Ref] = set()
        for word in entry.on:
            matching = [payment for payment in payments if payment.name == word.text and payment.level in reach]
            if not matching:
                close = nearest(word.text, [payment.name for payment in payments if payment.level in reach])
                self.findings.error(
                    "VBC301",
                    f"there is no payment `{word.text}` on `{ref.level}` or below",
                    word.span,
                    f"write `{close}`" if close else "name a payment",
                )
            found.update(matching)
        return frozenset(found)

    def _gate(self, ref: Ref, entry: document.Gate, on: frozenset[Ref]) -> Gate:
        lower = self.lowering.at(ref.level)
        require = lower.condition(entry.require.expression)
        pays: Fraction | None = Fraction(0)
        if entry.otherwise is not None and entry.otherwise.text == "not_in_program":
            pays = None
            if ref.level != self.doc.participant.text:
                lower.refuse(
                    "VBC316",
                    "only a participant is in or out of the program",
                    entry.level.span,
                    f"move the gate to `{self.doc.participant.text}`",
                )
            self._only_inputs(require, lower)
        if entry.pays is not None:
            amount = lower.quantity(entry.pays.expression)
            if not isinstance(amount, Constant) or not isinstance(amount.value, Fraction):
                lower.refuse(
                    "VBC424", "what a gate pays is one amount", amount.span, "write it as a numeral, as in `100%`"
                )
            self.amounts.append((amount, on))
            pays = amount.value
        return Gate(
            ref,
            require,
            pays,
            tuple(sorted(on, key=str)),
            entry.title or entry.name.text.replace("_", " "),
            entry.provenance,
            entry.name.span,
        )

    def _only_inputs(self, expr: Expr, lower: Lowering) -> None:
        waiting = [expr]
        while waiting:
            here = waiting.pop()
            waiting.extend(children(here))
            if isinstance(here, Read) and here.ref in self.slots and self.slots[here.ref].kind in ("value", "payment"):
                lower.refuse(
                    "VBC317",
                    f"a gate that decides on being in the program reads `{here.ref.name}`, which is computed",
                    here.span,
                    "read inputs and parameters only",
                )

    # --- guarantees ---------------------------------------------------------------------------------------------------

    def _guarantee(self, formula: document.Formula) -> Guarantee | None:
        """Return a guarantee on the level of its names; where all are gathered, on the lowest they all lie in.

        On a level of groups it stands where it names something of that level.
        """
        level = Placing(self.scope, self.lowering, self.levels).level_of(formula.expression)
        condition = self._condition(formula, level)
        return Guarantee(level, condition, formula.text, formula.span) if condition is not None else None
