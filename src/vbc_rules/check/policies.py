"""What a file says of absent members: complete, possible, and nothing needless.

Codes: VBC504 a policy is missing; VBC505 a policy is incomplete; VBC506 a policy names what cannot happen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from vbc_rules.check.presence import Slips
from vbc_rules.resolve.program import GatherShape, HigherOfShape, Policy, Shape, StandingShape, TopShape
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span


def is_complete(
    policy: Policy | None,
    possible: tuple[str, ...],
    what: str,
    span: Span,
    actions: tuple[str, ...],
    findings: Findings,
) -> bool:
    """Check that a policy says what happens for each possible reason and no other; return whether it does."""
    listed = ", ".join(f"`{reason}`" for reason in possible)
    if not possible:
        if policy is not None:
            findings.error(
                "VBC506", f"{what} is never absent, so `absent` says nothing", policy.span, "leave out `absent`"
            )
        return policy is None
    if policy is None:
        findings.error(
            "VBC504",
            f"{what} may be absent ({', '.join(possible)})",
            span,
            f"say what happens then: write `absent: {actions[0]}`"
            + "".join(f" or `{action}`" for action in actions[1:]),
        )
        return False
    if policy.every is not None:
        if policy.every not in actions:
            findings.error(
                "VBC504",
                f"`{policy.every}` cannot be done here",
                policy.span,
                f"write one of {', '.join(f'`{action}`' for action in actions)}",
            )
            return False
        return True
    named = dict(policy.by_reason)
    unknown = [reason for reason in named if reason not in possible]
    meant = {reason: nearest(reason, [one for one in possible if one not in named]) for reason in unknown}
    missing = [reason for reason in possible if reason not in named and reason not in meant.values()]
    wrong = [action for action in named.values() if action not in actions]
    if missing:
        findings.error(
            "VBC505",
            f"`absent` does not say what happens for {', '.join(f'`{r}`' for r in missing)}",
            policy.span,
            f"name every reason: {listed}",
        )
    places = dict(zip(named, policy.spans, strict=False))
    for reason in unknown:
        close = meant[reason]
        findings.error(
            "VBC506",
            f"{what} is never absent for `{reason}`",
            places.get(reason, policy.span),
            f"write `{close}`" if close is not None else f"the reasons are {listed}",
        )
    if wrong:
        findings.error(
            "VBC504",
            f"`{wrong[0]}` cannot be done here",
            policy.span,
            f"write one of {', '.join(f'`{action}`' for action in actions)}",
        )
    return not (missing or unknown or wrong)


def actions_on(policy: Policy | None, reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is done for each reason that has been given something to do."""
    if policy is None:
        return ()
    named = dict(policy.by_reason)
    return tuple(policy.every or named.get(reason, "") for reason in reasons)


_WITH_POLICY: Final = (HigherOfShape, GatherShape, TopShape, StandingShape)


def as_meant(shape: Shape, slips: Slips) -> Shape:
    """Return a shape whose `absent` has the reasons that are meant."""
    if not slips.meant or not isinstance(shape, _WITH_POLICY) or shape.policy is None:
        return shape
    by_reason = tuple((slips.reason(reason), action) for reason, action in shape.policy.by_reason)
    return replace(shape, policy=replace(shape.policy, by_reason=by_reason))
