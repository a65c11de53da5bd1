"""Everything that is known of a program before any data arrive, in one pass over the checks."""

from __future__ import annotations

from vbc_rules.check.absence import check_absence
from vbc_rules.check.checks.vbc709_reasons import find_slips
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.prover import prove_guarantees
from vbc_rules.check.ranges import infer_ranges
from vbc_rules.check.registry import run_checks
from vbc_rules.resolve.program import Program
from vbc_rules.source.diagnostic import Findings


def analyse(program: Program, findings: Findings) -> Estimator | None:
    """Return what is known of every value, having recorded every finding.

    None where names or types are already wrong: what would be said of such a program would only echo that.
    """
    if findings.errors:
        return None
    unguarded = Findings()
    presence = check_absence(program, unguarded)
    if unguarded.errors:
        slips = find_slips(program, presence, findings)
        presence = check_absence(program, findings, slips)
        if not slips:
            infer_ranges(program, presence, findings)
        return None
    estimator = infer_ranges(program, presence, findings)
    if estimator is None:
        return None
    run_checks(program, estimator, findings)
    if not findings.errors:
        prove_guarantees(estimator, findings)
    return estimator
