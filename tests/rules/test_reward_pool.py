"""What a rule test of the reward pool cannot say: fees of months for which no source states the share."""

from __future__ import annotations

from functools import cache

import pytest

from vbc_rules.api.program import Program
from vbc_rules.errors import Code, EvaluationError
from vbc_rules.testing.files import find_test_files
from vbc_rules.testing.runner import ENGINES, Bound, bind_file

PROGRAM = "bcbsm/pgip/reward-pool@2023"


@cache
def example() -> tuple[Program, Bound]:
    program, tests = bind_file(find_test_files(PROGRAM)[0])
    return program, next(one for one in tests if one.case.name == "July 2012: 4.7% of the allowed amount")


@pytest.mark.parametrize("starts_on", ["2006-01-01", "2010-12-01", "2024-01-01"])
def test_a_month_without_a_stated_share_is_refused(starts_on: str) -> None:
    program, bound = example()
    assert bound.participants is not None
    month = {"starts_on": starts_on, "allowed": "$100.00", "ppo_allowed": "$0.00"}
    for engine in ENGINES:
        with pytest.raises(EvaluationError) as raised:
            program.evaluate_cohort(
                bound.participants,
                cohort={"month": [month]},
                groups=bound.groups,
                parameters=bound.parameters,
                engine=engine,
            )
        assert raised.value.code == Code.UNSTATED
        assert raised.value.where == "month.allocated (item 1)"
        assert "`pgip_allocation` is not stated for `month.starts_on`" in raised.value.message
