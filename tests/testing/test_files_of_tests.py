"""What can be wrong with a file of rule tests, told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testing.programs import RULES, TEST, write
from vbc_rules.errors import RuleFileError, UsageError
from vbc_rules.testing import find_test_files, run_tests


def errors(path: Path) -> list[tuple[str, int, int, str, str]]:
    with pytest.raises(RuleFileError) as caught:
        run_tests(path)
    found = caught.value.diagnostics
    return [(one.code, one.span.line, one.span.column, one.message, one.help) for one in found]


@pytest.mark.parametrize(
    ("right", "wrong", "error"),
    [
        (
            "      reward: $123.45",
            "      rewards: $123.45",
            ("VBC961", 24, 7, "the hospital has no `rewards`", "write `reward`"),
        ),
        ("{rate: 1/3}", "{rates: 1/3}", ("VBC961", 17, 21, "`measure` has no `rates`", "write `rate`")),
        (
            "        follow_up: {rate: not",
            "        folow_up: {rate: not",
            ("VBC961", 18, 9, "`measure` has no `folow_up`", "write `follow_up`"),
        ),
        ("{long: no}", "{lnog: no}", ("VBC961", 19, 28, "an item of `stay` has no `lnog`", "write `long`")),
        ("payments: $1", "payment: $1", ("VBC961", 9, 7, "the hospital has no `payment`", "write `payments`")),
        ("{met: 1,", "{mett: 1,", ("VBC961", 12, 21, "`measure` has no `mett`", "write `met`")),
        ("share: 10%", "shares: 10%", ("VBC961", 5, 18, "`parameters` has no `shares`", "write `share`")),
        ("{trend:", "{trends:", ("VBC961", 6, 14, "`cohort` has no `trends`", "write `trend`")),
        ("days: 30", "day: 30", ("VBC961", 14, 53, "an item of `stay` has no `day`", "write `days`")),
        (
            "reward: $123.45",
            "reward: 123.45",
            ("VBC962", 24, 15, "an amount of money is wanted here", "write `$123.45`"),
        ),
        (
            "agreement: yes",
            "agreement: 'true'",
            ("VBC962", 22, 19, "a yes/no is wanted here", "write it like `yes` or `no`"),
        ),
        (
            "{rate: not_reported}",
            "{rate: not_reportd}",
            ("VBC963", 18, 27, "`not_reportd` is no absence that `rate` can have", "write `not_reported`"),
        ),
        (
            "met: not_reported",
            "met: not_reportd",
            ("VBC963", 13, 26, "`not_reportd` is no absence of `met`", "write `not_reported`"),
        ),
        (
            "signed: yes",
            "signed: y",
            ("VBC963", 10, 15, "`y` is no absence of `signed`", "write `yes` or `no`"),
        ),
        ("score: 1/3", "score: {a: 1}", ("VBC964", 20, 14, "`score` is one value", "write `score: 1`")),
        (
            "stay: [{long: yes}, {long: no}]",
            "stay: {long: yes}",
            ("VBC964", 19, 13, "`stay` is a list of items", "write `stay: [{..}, {..}]`, one for each item given"),
        ),
        (
            "program: acme/reward@2024",
            "program: acme/reward@2025",
            (
                "VBC960",
                1,
                10,
                "these tests are for `acme/reward@2025`, beside them lies `acme/reward@2024`",
                "write `acme/reward@2024`",
            ),
        ),
        (
            '    because: "10% of $1,234.56 is $123.456, which is rounded down"\n',
            "",
            (
                "VBC102",
                3,
                11,
                "a test needs `because`",
                "write `because: why this must come out, with the arithmetic`",
            ),
        ),
        ("    expect:\n", "    expects:\n", ("VBC101", 15, 5, "`expects` is not a key of a test", "write `expect`")),
    ],
)
def test_an_error_points_at_its_place(
    tmp_path: Path, right: str, wrong: str, error: tuple[str, int, int, str, str]
) -> None:
    path = write(tmp_path, TEST)
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    assert error in errors(path)


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    bad = TEST.replace("reward:", "rewards:").replace("share: 10%", "shares: 10%").replace("days: 31", "day: 31")
    assert [line for _, line, *_ in errors(write(tmp_path, bad))] == [5, 14, 24]


def test_two_tests_of_one_name(tmp_path: Path) -> None:
    assert errors(write(tmp_path, TEST, TEST)) == [
        ("VBC965", 26, 11, "an earlier test has this name", "give each test a name of its own")
    ]


def test_a_test_says_what_must_come_out(tmp_path: Path) -> None:
    given = TEST.partition("    expect:")[0]
    help = "write one of `expect` and `refused`"
    assert errors(write(tmp_path, given)) == [("VBC966", 3, 11, "a test says what must come out", help)]
    assert errors(write(tmp_path, f"{TEST}    refused: payments\n")) == [
        ("VBC966", 3, 11, "a test has `expect` or `refused`, not both", help)
    ]
    assert errors(write(tmp_path, f"{given}    expect: {{}}\n")) == [
        ("VBC966", 3, 11, "`expect` holds no value", "write what must come out")
    ]


def test_an_input_that_cannot_be_refused(tmp_path: Path) -> None:
    test = f"{TEST.partition('    expect:')[0]}    refused: payment\n"
    assert errors(write(tmp_path, test)) == [
        ("VBC961", 15, 14, "`payment` is not an input of the program", "write `payments`")
    ]


def test_what_is_wrong_with_the_rule_file_is_told_too(tmp_path: Path) -> None:
    path = write(tmp_path, TEST, rules=RULES.replace("payments:", "payment:", 1))
    assert errors(path)[0][0].startswith("VBC")
    assert {diagnostic for diagnostic, *_ in errors(path)} != set()


def test_tests_without_a_rule_file(tmp_path: Path) -> None:
    path = write(tmp_path, TEST)
    (tmp_path / "2024.yaml").unlink()
    with pytest.raises(UsageError) as caught:
        run_tests(path)
    assert str(caught.value) == (
        f"the tests {path} need the rule file {tmp_path}/2024.yaml beside them: No such file or directory [VBC971]"
    )


def test_where_tests_are_looked_for(tmp_path: Path) -> None:
    (file,) = find_test_files("cms/hospital-vbp@fy2024")
    assert file.name == "rules/cms/hospital-vbp/fy2024.tests.yaml"
    assert find_test_files("cms/hospital-vbp") == (file,)
    assert file in find_test_files()
    for source, message in {
        str(tmp_path): f"there are no rule tests in {tmp_path}; their names end in .tests.yaml [VBC970]",
        "cms/hospital-vpb@fy2024": (
            "there is no packaged program, file or folder `cms/hospital-vpb@fy2024`; write `cms/hospital-vbp@fy2024` "
            "[VBC971]"
        ),
        str(tmp_path / "a.yaml"): f"there is no file of rule tests {tmp_path}/a.tests.yaml [VBC970]",
    }.items():
        with pytest.raises(UsageError) as caught:
            find_test_files(source)
        assert str(caught.value) == message
