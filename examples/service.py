"""For a developer: JSON in, JSON out, and nothing between them that could lose a cent.

`handle` is what a web handler would call: the text of a request in, a status and the text of the answer out.
"""

from __future__ import annotations

import json
from typing import Final

from pydantic import ValidationError

import vbc_rules as vbc

# Loaded once, when the service starts: immutable, and safe to share among threads.
PROGRAM: Final = vbc.load(
    "bcbsm/hospital-p4p/pg1-4-scoring@2021",
    parameters={"preference": "sponsor_first", "share_if_not_prequalified": "0%"},
)
NOT_CHOSEN: Final = {"chosen": "no"}

REQUEST: Final = json.dumps(
    {
        "hospital": "Sample Hospital M",
        "peer_group": "pg2",
        "inpatient_operating_payments": "60000000.00",
        "outpatient_operating_payments": "40000000.00",
        "prequalifying_condition_met": True,
        "hie_points": "15",
        "readmission_score": "50%",
        "semiannual_meetings_attended": 2,
        "cqi_taken_part": [
            {"name": "cqi_cardiac", "sponsor": "bcbsm", "index": "100%"},
            {"name": "cqi_spine", "sponsor": "bcbsm", "index": {"absent": "declined"}},
        ],
        "condition": {
            "chf": {
                "chosen": "yes",
                "improvement_points": "3",
                "achievement_points": "4",
                "cohort_reduced_spending": "no",
            },
            "pneumonia": {
                "chosen": "yes",
                "improvement_points": "3",
                "achievement_points": {"absent": "below_minimum"},
                "cohort_reduced_spending": "yes",
            },
            **dict.fromkeys(("copd", "colectomy", "cabg", "joint_replacement", "spine_surgery"), NOT_CHOSEN),
        },
    }
)


def handle(request: str) -> tuple[int, str]:
    """Return 200 with the result, or 422 with what is wrong: names of fields and codes, never what was sent in them."""
    try:
        inputs = PROGRAM.Inputs.model_validate_json(request)
        result = PROGRAM.evaluate(inputs)
    except ValidationError as error:
        return 422, json.dumps(error.errors(include_url=False, include_input=False, include_context=False))
    except vbc.VbcError as error:
        return 422, json.dumps(error.to_dict())
    return 200, result.to_json()


def handle_many(requests: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return a result or an error for each of many hospitals; one that is wrong does not hold up the others."""
    return [
        {"payments": answer.to_dict()["payments"]} if isinstance(answer, vbc.Result) else answer.to_dict()
        for answer in PROGRAM.evaluate_many(requests)
    ]


def main() -> None:
    """Show the answers to a good request, to two bad ones, and to several at once."""
    status, body = handle(REQUEST)
    answer = json.loads(body)
    print(f"{status}: {answer['program']}@{answer['edition']}")
    print(json.dumps({key: answer[key] for key in ("payments", "failed_gates", "illustrative")}, indent=2))

    given = json.loads(REQUEST)
    print("\nA misspelt field, and a number that JSON would carry as a binary float:")
    print(*handle(json.dumps({**given, "hie_pointz": "15", "readmission_score": 0.5})))

    print("\nThree at once, of which one has a negative payment and one is in another peer group:")
    other = [{"inpatient_operating_payments": "-1.00"}, {"peer_group": "pg5"}]
    for answered in handle_many([given, *({**given, **change} for change in other)]):
        print(json.dumps(answered))


if __name__ == "__main__":
    main()
