"""Tests whose every name is the program's, or everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vbc_rules.api.program import Program
from vbc_rules.errors import RuleFileError
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.program import AllocateShape
from vbc_rules.run.reading.shape import make_shape
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.source.tree import Block, Listing, Tree
from vbc_rules.testing import codes
from vbc_rules.testing.cases import Case, Cases, read_cases
from vbc_rules.testing.compare import names_expected
from vbc_rules.testing.expecting import Expected
from vbc_rules.testing.expecting_cohort import expect_alone, expect_cohort
from vbc_rules.testing.files import TestFile
from vbc_rules.testing.giving import Giving, report_form, report_unknown


@dataclass(frozen=True, slots=True)
class Bound:
    """A test whose every name is the program's, ready to run. A test of one participant has no `participants`."""

    case: Case
    parameters: dict[str, object]
    cohort: dict[str, object]
    inputs: dict[str, object]
    groups: dict[str, list[dict[str, object]]]
    participants: tuple[dict[str, object], ...] | None
    expected: tuple[Expected, ...]


def bind_file(file: TestFile) -> tuple[Program, tuple[Bound, ...]]:
    """Return the program and the tests of a file, checked. Raises RuleFileError with all that is wrong."""
    cases = read_cases(file)
    program = file.load()
    return program, bind(cases, program)


def bind(cases: Cases, program: Program) -> tuple[Bound, ...]:
    """Return tests whose every name is the program's. Raises RuleFileError with all that are not."""
    findings = Findings()
    if cases.program.text != program.identifier:
        message = f"these tests are for `{cases.program.text}`, beside them lies `{program.identifier}`"
        findings.error(codes.OTHER_PROGRAM, message, cases.program.span, f"write `{program.identifier}`")
    binding = _Binding(program, findings)
    bound = tuple(binding.bind(case) for case in cases.tests)
    if findings.errors:
        raise RuleFileError(findings.all)
    return bound


class _Binding:
    """What all tests of a file are bound to."""

    def __init__(self, program: Program, findings: Findings) -> None:
        resolved = program.resolved
        self._program = program
        self._findings = findings
        inputs = resolved.inputs.values()
        reasons = {reason for given in inputs for reason in given.domain.reasons}
        reasons |= {given.otherwise for given in inputs if given.otherwise}
        self._giving = Giving(frozenset(reasons), findings)
        alone = make_shape(program.plan.layout, resolved)
        self._parameters = alone.parameters
        self._alone = alone.inputs
        shapes = {root: make_shape(layout, resolved).inputs for root, layout in program.layouts.items()}
        self._cohort = shapes[COHORT]
        self._groups = {name: shape for name, shape in shapes.items() if resolved.levels[name].kind == "groups"}
        participant = shapes[resolved.participant]
        # The identifier is the key under which a participant stands.
        self._participant = replace(participant, fields=participant.fields[1:])

    def bind(self, case: Case) -> Bound:
        """Return a test with everything given and expected; what is wrong stands in the findings."""
        self._check_refused(case)
        of_cohort = case.participants is not None
        if self._program.needs_cohort and not of_cohort:
            message = "the program needs a whole cohort, and this test has one participant"
            help = "write `participants: {'A': {..}, 'B': {..}}` with the inputs of each"
            self._findings.error(codes.BAD_FORM, message, case.span, help)
            return Bound(case, {}, {}, {}, {}, None, ())  # one participant's names would all be found wrong
        giving, own = self._giving, f"the {self._program.resolved.participant}"
        node = self._participant if of_cohort else self._alone
        given = {} if case.given is None else giving.node(node, case.given, own)
        return Bound(
            case,
            {} if case.parameters is None else giving.node(self._parameters, case.parameters, "`parameters`"),
            {} if case.cohort is None else giving.node(self._cohort, case.cohort, "`cohort`"),
            {} if of_cohort else given,
            {} if case.groups is None else self._given_groups(case.groups),
            None if case.participants is None else tuple(self._participants(case.participants, given)),
            self._expected(case),
        )

    def _expected(self, case: Case) -> tuple[Expected, ...]:
        if case.expect is None:
            return ()
        before = len(self._findings.errors)
        if case.participants is None:
            expected = expect_alone(self._program, case.expect, self._findings)
        else:
            expected = expect_cohort(self._program, case.expect, case.participants, self._findings)
        if not expected and len(self._findings.errors) == before:
            self._findings.error(codes.OUTCOME, "`expect` holds no value", case.span, "write what must come out")
        return expected

    def _participants(self, tree: Block, common: dict[str, object]) -> Iterator[dict[str, object]]:
        participant = self._program.resolved.participant
        for entry in tree:
            own = self._giving.node(self._participant, entry.value, f"the {participant}")
            yield {participant: entry.key.text, **_together(common, own)}

    def _given_groups(self, tree: Block) -> dict[str, list[dict[str, object]]]:
        found: dict[str, list[dict[str, object]]] = {}
        for entry in tree:
            name = entry.key.text
            if name in self._groups:
                found[name] = self._rows(name, entry.value)
            else:
                report_unknown(entry.key, "`groups`", tuple(self._groups), self._findings)
        return found

    def _rows(self, name: str, tree: Tree) -> list[dict[str, object]]:
        """Read the rows of a level: a list, or by what its groups go by where that is one name."""
        node, keys = self._groups[name], len(self._program.resolved.levels[name].by)
        if isinstance(tree, Listing):
            return [self._giving.node(node, item, f"a row of `{name}`") for item in tree.items]
        if keys > 1 or not isinstance(tree, Block):
            names = ", ".join(f"{entry.key}: .." for entry in node.fields[:keys])
            help = f"write `{name}: [{{{names}, ..}}]`"
            if keys == 1:
                help += f", or `{name}: {{a_{node.fields[0].key}: {{..}}}}`"
            report_form(tree, f"`{name}` is a list of the rows of its groups", help, self._findings)
            return []
        inner = replace(node, fields=node.fields[1:])
        return [
            {node.fields[0].key: entry.key.text, **self._giving.node(inner, entry.value, f"`{name}`")} for entry in tree
        ]

    def _check_refused(self, case: Case) -> None:
        resolved = self._program.resolved
        pools = {one.ref.name for one in resolved.definitions if isinstance(one.shape, AllocateShape)}
        names = {ref.name for ref in resolved.inputs} | set(self._program.required_parameters) | set(resolved.levels)
        names |= {ref.name for one in resolved.expected for ref in names_expected(one.condition)}
        for word in case.refused:
            bare = word.text.rpartition(".")[2]
            if bare not in names | pools:
                close = nearest(bare, names | pools)
                help = f"write `{close}`" if close else "write the name of an input or of a required parameter"
                self._findings.error(
                    codes.NO_SUCH_NAME, f"`{word.text}` is not an input of the program", word.span, help
                )


def _together(common: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    """Return what a participant has: its own, else what all have; members are put together one by one."""
    found = dict(common)
    for name, value in own.items():
        before = found.get(name)
        nested = isinstance(before, dict) and isinstance(value, dict)
        found[name] = _together(before, value) if nested else value  # type: ignore[arg-type] # as just asked
    return found
