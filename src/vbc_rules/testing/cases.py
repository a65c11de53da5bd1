"""A file of rule tests as it is written: names and texts with their places, nothing yet known of the program."""

from __future__ import annotations

from dataclasses import dataclass

from vbc_rules.errors import Code, RuleFileError, UsageError
from vbc_rules.language.document import Word
from vbc_rules.language.reading import literals
from vbc_rules.language.reading.fields import (
    Context,
    Keys,
    all_or_none,
    block_at,
    listing_at,
    open_fields,
    scalar_at,
    word_of,
)
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.reader import read_bytes
from vbc_rules.source.span import Span
from vbc_rules.source.tree import Block, Listing, Tree
from vbc_rules.testing import codes
from vbc_rules.testing.files import TestFile


@dataclass(frozen=True, slots=True)
class Case:
    """One test. Exactly one of `expect` and `refused` is there: what must come out, or the inputs that must be refused.

    A test of one participant has `given`. A test of a cohort has `participants`, by identifier, and may have the rows
    of `groups`; there `given` is what every participant has that says nothing else. `because` is why that must be so,
    in words. `span` is the place of the test's name.
    """

    name: str
    because: str
    parameters: Block | None
    cohort: Block | None
    groups: Block | None
    given: Block | None
    participants: Block | None
    expect: Block | None
    refused: tuple[Word, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Cases:
    """All tests of a file, and the program they are for."""

    file: TestFile
    program: Word
    tests: tuple[Case, ...]


_FILE = Keys("a file of rule tests", ("program", "tests"))
_TEST = Keys(
    "a test",
    ("name", "because", "parameters", "cohort", "groups", "given", "participants", ("expect", "refused")),
)
_EXAMPLE = "{name: .., because: .., given: {..}, expect: {..}}"


def read_cases(file: TestFile) -> Cases:
    """Return the tests of a file. Raises RuleFileError with all of its errors, UsageError where it cannot be read."""
    findings = Findings()
    try:
        data = file.tests.read_bytes()
    except OSError as error:
        raise UsageError(Code.USAGE, f"the rule tests {file.name} cannot be read: {error.strerror}") from error
    root = read_bytes(data, file.name, findings)
    cases = None if root is None else _cases(root, file, Context(findings))
    if findings.errors or cases is None:
        raise RuleFileError(findings.all)
    return cases


def _cases(root: Block, file: TestFile, cx: Context) -> Cases | None:
    top = open_fields(root, _FILE, root.span, cx)
    program = top.required("program", _program, "payer/program@2024")
    tests = top.required("tests", _tests, f"[{_EXAMPLE}]")
    return None if program is None or tests is None else Cases(file, program, tests)


def _program(tree: Tree, key: str, cx: Context) -> Word | None:
    scalar = scalar_at(tree, key, "a program", "payer/program@2024", cx)
    return None if scalar is None else word_of(scalar)


def _tests(tree: Tree, key: str, cx: Context) -> tuple[Case, ...] | None:
    listing = listing_at(tree, key, f"[{_EXAMPLE}]", cx)
    if listing is None:
        return None
    tests = all_or_none([_test(item, cx) for item in listing.items])
    seen: dict[str, Span] = {}
    for test in tests or ():
        if seen.setdefault(test.name, test.span) is not test.span:
            message = "an earlier test has this name"
            cx.findings.error(codes.SAME_NAME, message, test.span, "give each test a name of its own")
    return tests


def _test(tree: Tree, cx: Context) -> Case | None:
    block = block_at(tree, "a test", _EXAMPLE, cx)
    if block is None:
        return None
    written = block.get("name")
    fields = open_fields(block, _TEST, written.span if written is not None else block.span, cx)
    name = fields.required("name", literals.text, "What is tested, in a few words")
    because = fields.required("because", literals.text, "why this must come out, with the arithmetic")
    parameters = fields.optional("parameters", _block)
    cohort = fields.optional("cohort", _block)
    groups = fields.optional("groups", _block)
    of_cohort = fields.has("participants")
    given = fields.optional("given", _block) if of_cohort else fields.required("given", _block, "{a_name: 1}")
    participants = fields.optional("participants", _block)
    fields.only_with("groups", "participants", "{'A': {a_name: 1}}")
    expect = fields.optional("expect", _block)
    refused = fields.optional("refused", _refused)
    if fields.has("expect") == fields.has("refused"):
        both = fields.has("expect")
        message = "a test has `expect` or `refused`, not both" if both else "a test says what must come out"
        cx.findings.error(codes.OUTCOME, message, fields.place, "write one of `expect` and `refused`")
        return None
    if name is None or because is None or (expect is None and refused is None):
        return None
    if (participants if of_cohort else given) is None:
        return None
    return Case(name, because, parameters, cohort, groups, given, participants, expect, refused or (), fields.place)


def _block(tree: Tree, key: str, cx: Context) -> Block | None:
    return block_at(tree, key, "{a_name: 1}", cx)


def _refused(tree: Tree, key: str, cx: Context) -> tuple[Word, ...] | None:
    """Read the name of the input that is refused, or several names: each may be qualified (`measure.rate`)."""
    items = tree.items if isinstance(tree, Listing) else (tree,)
    found = all_or_none([scalar_at(item, key, "an input's name", "a_name", cx) for item in items])
    return None if found is None else tuple(map(word_of, found))
