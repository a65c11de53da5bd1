"""Absence: nothing that may be absent is read as if it were there.

Codes: VBC501 a value is read that may be absent; VBC502 a gathering meets absent members; VBC503 one may be over
nothing; VBC504 a policy is missing; VBC505 a policy is incomplete; VBC506 a policy names what cannot happen; VBC507 a
payment may be absent.
"""

from __future__ import annotations

from vbc_rules.check.paths import are_several, is_across, is_of_participants, joined, may_be_empty, weigh_something
from vbc_rules.check.policies import actions_on, as_meant, is_complete
from vbc_rules.check.presence import Cause, Known, Presence, Slips
from vbc_rules.language.absence import NO_VARIATION, NONE_PRESENT, NOT_IN_PROGRAM, TOO_FEW_PRESENT
from vbc_rules.language.types import YES_NO
from vbc_rules.resolve.expressions import (
    Compare,
    Constant,
    Every,
    Expr,
    Gather,
    IfElse,
    Read,
    Ref,
    Some,
    children,
)
from vbc_rules.resolve.program import (
    AllocateShape,
    ByMemberShape,
    ChooseShape,
    Collective,
    Definition,
    Expectation,
    FormulaShape,
    Gate,
    GatherShape,
    HigherOfShape,
    InterpolateShape,
    Outcome,
    Policy,
    Program,
    Shape,
    StandingShape,
    TableShape,
    TiersShape,
    TopShape,
)
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import Span


def check_absence(program: Program, findings: Findings, slips: Slips | None = None) -> Presence:
    """Return which values may be absent and why, having recorded every unguarded read.

    With `slips`, reasons are taken as they were meant, and a name that is asked for one it never has as there.
    """
    presence = Presence(program, slips)
    walk = _Walk(program, presence, findings)
    for entry in program.inputs.values():
        if entry.only_if is not None:
            walk.reads(entry.only_if, Known(at=(entry.ref.level,)))
    for step in program.steps:
        known = presence.at_step(step)
        if isinstance(step, Gate):
            walk.reads(step.require, known)
            if step.pays is None:
                presence.in_program = presence.assume(presence.in_program, step.require, True)  # noqa: FBT003 - read as `assume it is true`
        else:
            walk.definition(step, known)
    for expectation in program.expected:
        (presence.always_asked if is_asked(expectation, presence, Known()) else presence.asked_at_times).append(
            expectation
        )
    for guarantee in program.guarantees:
        walk.reads(guarantee.condition, presence.for_members(guarantee.level))
    return presence


def is_asked(expectation: Expectation, presence: Presence, known: Known) -> bool:
    """Whether all that an expectation reads is there under `known`: one that reads an absent input asks nothing."""
    unsure = Findings()
    _Walk(presence.program, presence, unsure).reads(expectation.condition, known.seen_at(expectation.level))
    return not unsure.errors


class _Walk:
    def __init__(self, program: Program, presence: Presence, findings: Findings) -> None:
        self.program = program
        self.presence = presence
        self.findings = findings
        self.unguarded: set[Ref] = set()
        self._is_unclear = False
        self._needed: tuple[str, ...] = ()
        self._gathering = False
        requires = tuple(gate.require for gate in program.gates if gate.pays is None)
        self.out_of_program = [
            Cause(NOT_IN_PROGRAM, unless=Every(requires[0].span, YES_NO, requires)) for _ in requires[:1]
        ]

    # --- definitions --------------------------------------------------------------------------------------------------

    def definition(self, definition: Definition, known: Known) -> None:
        causes: list[Cause] = []
        self.unguarded.clear()
        self._is_unclear = False
        self._needed = tuple(need.ref.name for need in definition.needs)
        for need in definition.needs:
            causes += [Cause(reason, (need.ref,)) for reason in self.presence.reasons(need.ref, known)]
            known = self.presence.is_there(known, need.ref)
        if definition.only_if is not None:
            self.reads(definition.only_if, known)
            causes.append(Cause(self.presence.slips.reason(definition.otherwise or ""), unless=definition.only_if))
            known = self.presence.assume(known, definition.only_if, True)  # noqa: FBT003 - as above
        causes += self.shape(as_meant(definition.shape, self.presence.slips), known, definition)
        for bound in (definition.at_least, definition.at_most):
            if bound is not None:
                self.reads(bound, known)
        if definition.role == "payment":
            if causes and not definition.pays_nothing_if_absent:
                reasons = ", ".join(dict.fromkeys(cause.reason for cause in causes))
                self.findings.error(
                    "VBC507",
                    f"the payment `{definition.ref.name}` may be absent ({reasons})",
                    definition.span,
                    "write `absent: pays_nothing`, or say what is paid then",
                )
            causes = self.out_of_program if is_of_participants(self.program, definition.ref.level) else []
        self.presence.settle(definition.ref, tuple(dict.fromkeys(causes)))
        if self.unguarded:
            self.presence.unguarded[definition.ref] = frozenset(self.unguarded)
        if self._is_unclear:
            self.presence.unclear.add(definition.ref)

    def shape(self, shape: Shape, known: Known, definition: Definition) -> list[Cause]:
        match shape:
            case FormulaShape():
                return self.outcome(shape.outcome, known)
            case ChooseShape():
                found: list[Cause] = []
                for case in shape.cases:
                    self.reads(case.when, known)
                    found += self.outcome(case.outcome, self.presence.assume(known, case.when, True))  # noqa: FBT003 - as above
                    known = self.presence.assume(known, case.when, False)  # noqa: FBT003 - as above
                return found + self.outcome(shape.otherwise, known)
            case TiersShape():
                found = []
                self.reads(shape.subject, known)
                for step in shape.steps:
                    self.reads(step.test, known)
                    found += self.outcome(step.outcome, self.presence.assume(known, step.test, True))  # noqa: FBT003 - as above
                    known = self.presence.assume(known, step.test, False)  # noqa: FBT003 - as above
                return found + self.outcome(shape.otherwise, known)
            case InterpolateShape():
                self.reads(shape.subject, known)
                for point in shape.points:
                    self.reads(point.at, known)
                    self.reads(point.value, known)
                ends = (end for end in (shape.below, shape.above) if end is not None)
                return [cause for end in ends for cause in self.outcome(end, known)]
            case TableShape():
                for column in shape.columns:
                    self.reads(column, known)
                return [cause for row in shape.rows for cause in self.outcome(row.outcome, known)]
            case ByMemberShape():
                return [
                    cause
                    for member, outcome in shape.outcomes
                    for cause in self.outcome(outcome, self._at_member(known, shape, member))
                ]
            case HigherOfShape():
                return self.higher_of(shape, known)
            case GatherShape():
                return self.gather_shape(shape, known)
            case TopShape():
                return self._of_group(shape, known) + self.top(shape, known, definition)
            case StandingShape():
                return self._of_group(shape, known) + self.standing(shape, known)
            case AllocateShape():
                return self._of_group(shape, known) + self.allocate(shape, known, definition)

    def _of_group(self, shape: Collective, known: Known) -> list[Cause]:
        """Return how a member comes to be in no group among whose members the shape compares."""
        keys = self.presence.keys_of_groups(shape.within, known)
        return [Cause(reason, (key,)) for key in keys for reason in self.presence.reasons(key, known)]

    def _at_member(self, known: Known, shape: ByMemberShape, member: str) -> Known:
        ref = Ref(shape.level, shape.level)
        type_ = self.program.slots[ref].type
        is_member = Compare(
            shape.span, YES_NO, "=", Read(shape.span, type_, ref), Constant(shape.span, type_, member, member)
        )
        return self.presence.assume(known, is_member, True)  # noqa: FBT003 - as above

    def outcome(self, outcome: Outcome, known: Known) -> list[Cause]:
        if outcome.absent is not None:
            return [Cause(self.presence.slips.reason(outcome.absent))]
        causes: list[Cause] = []
        if isinstance(outcome.expr, Read):
            ref = outcome.expr.ref
            causes = [Cause(reason, (ref,)) for reason in self.presence.reasons(ref, known)]
            known = self.presence.is_there(known, ref)
        elif outcome.expr is not None:
            self.reads(outcome.expr, known)
        for bound in (outcome.at_least, outcome.at_most):
            if bound is not None:
                self.reads(bound, known)
        return causes

    # --- shapes that meet absent members ------------------------------------------------------------------------------

    def higher_of(self, shape: HigherOfShape, known: Known) -> list[Cause]:
        found: list[tuple[Expr, tuple[str, ...]]] = []
        for item in shape.items:
            if isinstance(item, Read):
                found.append((item, self.presence.reasons(item.ref, known)))
            else:
                self.reads(item, known)
                found.append((item, ()))
        possible = tuple(dict.fromkeys(reason for _, reasons in found for reason in reasons))
        word = "lower_of" if shape.lower else "higher_of"
        if not self._is_complete(
            shape.policy, possible, f"an item of `{word}`", shape.span, ("ignore", "zero", "absent")
        ):
            return []
        causes = [
            Cause(reason, (item.ref,))
            for item, reasons in found
            for reason in reasons
            if isinstance(item, Read) and shape.policy is not None and shape.policy.action(reason) == "absent"
        ]
        first, first_reasons = found[0]
        ignored = tuple(r for r in first_reasons if shape.policy is not None and shape.policy.action(r) == "ignore")
        if ignored and all(reasons for _, reasons in found):
            items = tuple(item.ref for item, _ in found if isinstance(item, Read))
            causes += [Cause(reason, items) for reason in ignored if isinstance(first, Read)]
        return causes

    def gather_shape(self, shape: GatherShape, known: Known) -> list[Cause]:
        inner = self._inside(known, shape.level, shape.within)
        if shape.where is not None:
            self._where(shape.where, inner)
            inner = self.presence.assume(inner, shape.where, True)  # noqa: FBT003 - as above
        possible: tuple[str, ...] = ()
        if isinstance(shape.item, Read):
            possible = self.presence.reasons(shape.item.ref, inner)
            if not any(action == "zero" for action in actions_on(shape.policy, possible)):
                inner = self.presence.is_there(inner, shape.item.ref)
        if shape.weight is not None:
            self.reads(shape.weight, inner)
        for expr in (shape.needed_present, shape.needed, shape.at):
            if expr is not None:
                self.reads(expr, known)
        actions: tuple[str, ...] = ("redistribute", "ignore", "zero", "absent")
        if shape.item is not None and shape.item.type.kind == "date" and shape.function != "count":
            actions = ("redistribute", "ignore", "absent")  # no date is nothing
        if not self._is_complete(shape.policy, possible, f"a member of `{shape.function}`", shape.span, actions):
            return []
        causes = [Cause(r) for r in possible if shape.policy is not None and shape.policy.action(r) == "absent"]
        left_out = any(
            shape.policy is not None and shape.policy.action(r) in ("ignore", "redistribute") for r in possible
        )
        none_there = left_out or shape.where is not None or may_be_empty(self.program, shape.level, shape.within)
        if shape.needed_present is not None or (
            shape.definition == "sample" and (none_there or not are_several(self.program, shape.level, shape.within))
        ):
            causes.append(Cause(TOO_FEW_PRESENT))
        if none_there and shape.function in ("any", "all", "at_least_of"):
            if shape.if_none is None:
                self.findings.error(
                    "VBC503",
                    f"`{shape.function}` may be over no members at all",
                    shape.span,
                    "write `if_none: yes` or `if_none: no`",
                )
        elif shape.function not in ("sum", "count") and (none_there or not weigh_something(self.program, shape)):
            causes.append(Cause(NONE_PRESENT))
        return causes

    def top(self, shape: TopShape, known: Known, definition: Definition) -> list[Cause]:
        self.reads(shape.how_many, known)
        # Whoever is compared has met `needs` and `only_if` as well.
        possible: list[str] = []
        for expr in shape.order:
            if isinstance(expr, Read):
                possible += self.presence.reasons(expr.ref, known)
            else:
                self.reads(expr, known)
        if shape.ties is not None:
            self._ties(shape.ties, known, definition)
        self._is_complete(
            shape.policy, tuple(dict.fromkeys(possible)), "what `top` orders by", definition.span, ("last", "out")
        )
        return []

    def standing(self, shape: StandingShape, known: Known) -> list[Cause]:
        """Return how a standing comes to be absent; whoever is compared has met `needs` and `only_if` as well."""
        if shape.better is not None:
            self.reads(shape.better, known)
        subject, policy = shape.subject.ref, shape.policy
        possible = self.presence.reasons(subject, known)
        actions = ("absent", "ignore", "zero")
        if policy is not None and not self._is_complete(
            policy, possible, f"what `{shape.function}` compares", shape.span, actions
        ):
            return []
        causes = [Cause(r, (subject,)) for r in possible if policy is None or policy.action(r) != "zero"]
        inclusive = shape.function == "percentile_rank" and shape.definition == "inclusive"
        if inclusive or (shape.function == "z_score" and shape.definition == "sample"):
            causes.append(Cause(TOO_FEW_PRESENT))
        if shape.function == "z_score":
            causes.append(Cause(NO_VARIATION))
        return causes

    def allocate(self, shape: AllocateShape, known: Known, definition: Definition) -> list[Cause]:
        """Check what shares are made of. The pool is there wherever it is shared, or for whoever takes part."""
        pool, above = shape.pool.ref, Known(at=(shape.within,))
        if is_of_participants(self.program, shape.within):
            above = self.presence.for_members(shape.within)
        reasons = self.presence.reasons(pool, above)
        if reasons and self.presence.reasons(pool, known):
            self.findings.error(
                "VBC501",
                f"the pool `{pool.name}` may be absent ({', '.join(reasons)})",
                shape.pool.span,
                f"write `needs: {pool.name}` first, or let it say what is shared then, "
                "as in `choose: [{when: .. is missing, is: $0}, ..]`",
            )
        known = self.presence.is_there(known, pool)
        for expr in (shape.basis, shape.at_most, shape.at_least):
            if expr is not None:
                self.reads(expr, known)
        self._ties(shape.ties, known, definition)
        return []

    def _ties(self, ties: Ref, known: Known, definition: Definition) -> None:
        if reasons := self.presence.reasons(ties, known):
            self.findings.error(
                "VBC501",
                f"`{ties.name}`, by which ties are settled, may be absent ({', '.join(reasons)})",
                definition.span,
                "settle ties by a name that is always there",
            )

    def _is_complete(
        self, policy: Policy | None, possible: tuple[str, ...], what: str, span: Span, actions: tuple[str, ...]
    ) -> bool:
        complete = is_complete(policy, possible, what, span, actions, self.findings)
        self._is_unclear = self._is_unclear or not complete
        return complete

    def _seen_within(self, within: str) -> frozenset[str]:
        return frozenset((within, *self.program.above(within), ""))

    def _inside(self, known: Known, level: str, within: str) -> Known:
        """Return what is known of each member of `level` gathered within `within`: nothing of the gathering one's own.

        Across participants, only those in the program are met; a member met from a group is in that group.
        """
        inner = known.seen_from(self._seen_within(within))
        if is_across(self.program, level, within):
            inner = inner.and_also(self.presence.in_program)
        inner = inner.seen_at(level, *known.at)
        for group in joined(self.program, level, within):
            for key in self.program.levels[group].by:
                inner = self.presence.is_there(inner, key)
        return inner

    def _how_to_need(self, name: str) -> str:
        """Return what to write so that a name is there where it is read."""
        if self._gathering:
            return f"ask first: write `where {name} is not missing and ..`"
        if self._needed:
            return f"write `needs: [{', '.join((*self._needed, name))}]`"
        return f"write `needs: {name}` first, or ask `{name} is missing` before it is read"

    def _where(self, where: Expr, known: Known) -> None:
        self._gathering, outer = True, self._gathering
        self.reads(where, known)
        self._gathering = outer

    # --- reads --------------------------------------------------------------------------------------------------------

    def reads(self, expr: Expr, known: Known) -> None:
        """Record every read of a name that may be absent under `known`."""
        match expr:
            case Read():
                reasons = self.presence.reasons(expr.ref, known)
                if reasons:
                    name = expr.ref.name
                    self.unguarded.add(expr.ref)
                    self.findings.error(
                        "VBC501",
                        f"`{name}` may be absent here ({', '.join(reasons)})",
                        expr.span,
                        self._how_to_need(name),
                    )
            case Every():
                for operand in expr.operands:
                    self.reads(operand, known)
                    known = self.presence.assume(known, operand, True)  # noqa: FBT003 - as above
            case Some():
                for operand in expr.operands:
                    self.reads(operand, known)
                    known = self.presence.assume(known, operand, False)  # noqa: FBT003 - as above
            case IfElse():
                self.reads(expr.condition, known)
                self.reads(expr.then, self.presence.assume(known, expr.condition, True))  # noqa: FBT003 - as above
                self.reads(expr.otherwise, self.presence.assume(known, expr.condition, False))  # noqa: FBT003 - as above
            case Gather():
                self.gather(expr, known)
            case _:
                for child in children(expr):
                    self.reads(child, known)

    def gather(self, expr: Gather, known: Known) -> None:
        inner = self._inside(known, expr.level, expr.within)
        if expr.where is not None:
            self._where(expr.where, inner)
            inner = self.presence.assume(inner, expr.where, True)  # noqa: FBT003 - as above
        reasons = self.presence.reasons(expr.item.ref, inner) if isinstance(expr.item, Read) else ()
        if reasons and not expr.present:
            name = expr.item.ref.name if isinstance(expr.item, Read) else ""
            self.findings.error(
                "VBC502",
                f"some `{name}` may be absent ({', '.join(reasons)})",
                expr.span,
                f"write `{expr.function}(present {name})` to gather those that are there, "
                f"or `{{{expr.function}: {name}, absent: ..}}` as a value",
            )
        none_there = bool(reasons) or expr.where is not None or may_be_empty(self.program, expr.level, expr.within)
        if none_there and expr.function not in ("sum", "count"):
            self.findings.error(
                "VBC503",
                f"`{expr.function}` may be over nothing here",
                expr.span,
                f"name it as a value of its own, `{{{expr.function}: .., if_none: ..}}`"
                if expr.function in ("any", "all")
                else f"name it as a value of its own, `{{{expr.function}: ..}}`, which is absent over nothing",
            )
