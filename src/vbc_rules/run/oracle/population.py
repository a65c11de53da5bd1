"""A population settled: every input in its place, who is in the program, and groups formed as their keys are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from vbc_rules.errors import Code, InputError, InputProblem
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.plan.layout import Field, Layout, Population, Row, decode
from vbc_rules.resolve.expressions import Datum, Plain, Ref
from vbc_rules.resolve.program import Gate, Level, Program
from vbc_rules.run.oracle.expressions import holds
from vbc_rules.run.oracle.inputs import broken_expectations, check_lists, give
from vbc_rules.run.oracle.instances import Counts, Instance, Whole, grow, new_whole, spread
from vbc_rules.run.oracle.kinds import there

Key: TypeAlias = tuple[Plain, ...]
"""What a group goes by: the values of its level's `by`, in order."""


def settle_population(program: Program, layouts: Mapping[str, Layout], population: Population) -> tuple[Whole, Forming]:
    """Return the instances of a cohort with every input in its place, and what forms the groups that are still to come.

    Raises InputError with all problems of the rows.
    """
    whole = new_whole(program)
    cohort_level = program.levels[program.roots[0]]
    cohort = Instance(whole, cohort_level, (), None)
    in_cohort, problems = _settle(cohort, layouts[cohort_level.name], population.cohort, None)
    cohort.below[program.participant] = []
    participants: list[tuple[int, list[Instance]]] = []
    for number, (row, place) in enumerate(zip(population.participants, population.numbers, strict=True)):
        one = Instance(whole, program.levels[program.participant], (number,), cohort)
        cohort.below[program.participant].append(one)
        own, found = _settle(one, layouts[program.participant], row, place)
        participants.append((place, own))
        problems += found
    if problems:
        raise InputError(problems)
    _find_out_who_is_in(whole)
    forming = Forming(whole, layouts, population)
    problems += forming.start()
    problems += broken_expectations(whole, in_cohort)
    for place, own in participants:
        problems += broken_expectations(whole, own, place)
    if problems:
        raise InputError(problems)
    return whole, forming


def _settle(
    root: Instance, layout: Layout, row: Row, place: int | None, first: int = 0
) -> tuple[list[Instance], list[InputProblem]]:
    """Give a root and what hangs from it the inputs of its row, from the field `first` on; return both."""
    counts: Counts = {}
    given = spread(Layout(layout.level, layout.fields[first:]), row[first:], root.path, counts)
    added = grow(root, counts)
    return added, [*give(root.whole, given, place), *check_lists(added, place)]


def _find_out_who_is_in(whole: Whole) -> None:
    gates = [gate for gate in whole.program.steps if isinstance(gate, Gate) and gate.pays is None]
    for number, participant in enumerate(whole.on_level.get(whole.program.participant, ())):
        for gate in gates:
            participant.values[gate.ref.name] = holds(gate.require, participant)
        if any(participant.values[gate.ref.name] is False for gate in gates):
            whole.outside.add(number)


class Forming:
    """The groups that are still to be formed: each as soon as what it gathers exists and its keys are known."""

    def __init__(self, whole: Whole, layouts: Mapping[str, Layout], population: Population) -> None:
        """Hold the levels of groups in the order of the file."""
        self.whole = whole
        self.layouts = layouts
        self.population = population
        self.waiting = [level for level in whole.program.levels.values() if level.kind == "groups"]
        self.known = {ref for ref, slot in whole.program.slots.items() if slot.kind in ("input", "cell", "name")}

    def start(self) -> list[InputProblem]:
        """Form the groups whose keys are known; return the problems of their rows (then groups of those wait)."""
        problems: list[InputProblem] = []
        while not problems and (ready := [level for level in self.waiting if self._is_ready(level)]):
            for level in ready:
                self.waiting.remove(level)
                problems += self._form(level)
        return problems

    def go_on(self, done: Ref) -> None:
        """Form the groups whose keys are known now that `done` is. Raises InputError for problems of their rows."""
        self.known.add(done)
        if self.waiting and (problems := self.start()):
            raise InputError(problems)

    def _is_ready(self, level: Level) -> bool:
        return level.groups not in [other.name for other in self.waiting] and self.known.issuperset(level.by)

    def _form(self, level: Level) -> list[InputProblem]:
        members: dict[Key, list[Instance]] = {}
        for member in self.whole.on_level.get(there(level.groups), ()):
            if member.is_outside:
                member.groups[level.name] = Absent(NOT_IN_PROGRAM)
                continue
            key = _key_of(member, level)
            if isinstance(key, Absent):
                member.groups[level.name] = key
            else:
                members.setdefault(key, []).append(member)
        rows = self._rows(level)
        problems: list[InputProblem] = []
        filled: list[tuple[int, list[Instance]]] = []
        cohort = self.whole.instances[self.whole.program.roots[0], ()]
        self.whole.on_level[level.name] = []
        for number, key in enumerate(sorted(members)):
            group = Instance(self.whole, level, (number,), cohort)
            if len(key) == 1:
                group.values[level.name] = key[0]
            for member in members[key]:
                member.groups[level.name] = group
            problems += self._fill(group, key, members[key][0], rows, filled)
        # What is expected of a group may ask about its members, and so waits for all groups.
        for place, added in filled if not problems else ():
            problems += broken_expectations(self.whole, added, place)
        unused = len(rows.keys() - members.keys())
        if unused:
            self.whole.warnings[unused_rows(level.name, unused)] = None
        return sorted(problems, key=lambda problem: problem.row or 0)

    def _rows(self, level: Level) -> dict[Key, tuple[int, Row]]:
        """Return the rows given for a level of groups by their key, with their place in the table given."""
        fields = self.layouts[level.name].fields[: len(level.by)]
        found: dict[Key, tuple[int, Row]] = {}
        for place, row in enumerate(self.population.groups.get(level.name, ()), 1):
            key: list[Plain] = []
            for field, cell in zip(fields, row, strict=False):
                if not isinstance(field, Field) or isinstance(cell, tuple):
                    raise TypeError("what groups go by is one value each")
                value = decode(cell, field)
                if isinstance(value, Absent):
                    raise TypeError("what groups go by is given")
                key.append(value)
            found[tuple(key)] = (place, row)
        return found

    def _fill(
        self,
        group: Instance,
        key: Key,
        member: Instance,
        rows: Mapping[Key, tuple[int, Row]],
        filled: list[tuple[int, list[Instance]]],
    ) -> list[InputProblem]:
        """Give a group, and what hangs from it, its row's inputs; return the problems."""
        layout, keys = self.layouts[group.level.name], len(group.level.by)
        if key in rows:
            place, row = rows[key]
            added, problems = _settle(group, layout, row, place, keys)
            filled.append((place, added))
            return problems
        grow(group, {})
        if len(layout.fields) == keys:
            return []
        number = member.path[0]
        known = self.whole.program.root(member.level.name) == self.whole.program.participant
        return [
            no_row(group.level.name, self.population.numbers[number] if known and isinstance(number, int) else None)
        ]


def _key_of(member: Instance, level: Level) -> Key | Absent:
    found: list[Plain] = []
    for ref in level.by:
        value: Datum = member.value(ref)
        if isinstance(value, Absent):
            return value
        found.append(value)
    return tuple(found)


def no_row(level: str, row: int | None) -> InputProblem:
    """Return the problem of a participant in a group whose own inputs were not given; `row` is the participant's."""
    return InputProblem(
        Code.MISSING, level, f"has no row for the {level} of this row; give one, with what the groups go by", row
    )


def unused_rows(level: str, count: int) -> str:
    """Return the warning that rows were given of groups that no participant in the program is in."""
    return f"{count:,} of the rows given for `{level}` are of groups that no participant in the program is in"
