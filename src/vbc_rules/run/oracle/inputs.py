"""What is given, settled: decoded, complete, nothing unexpected, as the program expects; else every problem at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from vbc_rules.errors import InputError, InputProblem
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Field, Layout, Path, Row, decode
from vbc_rules.resolve.expressions import Datum, Expr, Ref
from vbc_rules.resolve.program import Program
from vbc_rules.run import settle
from vbc_rules.run.oracle.expressions import AbsentRead, holds
from vbc_rules.run.oracle.instances import Given, Instance, NotSettled, Whole, build
from vbc_rules.run.oracle.kinds import there


def settle_inputs(program: Program, layout: Layout, row: Row) -> Whole:
    """Return the tree of instances with every input and parameter in its place. Raises InputError with all problems."""
    whole, given = build(program, layout, row)
    problems = [*give(whole, given), *check_lists(whole.instances.values())]
    problems.extend(broken_expectations(whole, whole.instances.values()))
    if problems:
        raise InputError(problems)
    return whole


def give(whole: Whole, given: list[Given], row: int | None = None) -> list[InputProblem]:
    """Give each instance its inputs; return the problems in the order of the row, `row` being its number."""
    found: dict[int, InputProblem] = {}
    waiting: list[tuple[int, Instance, Field, Datum, Expr, str]] = []
    for number, (field, path, cell) in enumerate(given):
        instance = whole.instances[field.ref.level or whole.program.roots[0], () if field.ref.level == "" else path]
        value = decode(cell, field)
        if field.input is not None and field.input.only_if is not None:
            waiting.append((number, instance, field, value, field.input.only_if, there(field.input.otherwise)))
            continue
        _put(instance, field, settle.settled(value, _where(whole, field, path), _reasons(field)), number, found)
    # An input may depend on inputs that depend on others: as long as one can be settled, the rest may follow. Those
    # left depend on an input that has a problem of its own.
    while waiting:
        still = []
        for entry in waiting:
            number, instance, field, value, only_if, otherwise = entry
            where = _where(whole, field, instance.path)
            try:
                expected = holds(only_if, instance)
            except NotSettled:
                still.append(entry)
                continue
            except AbsentRead:
                raise settle.impossible("`only_if` reads a value that is absent", only_if.span, where) from None
            result = (
                settle.settled(value, where, _reasons(field))
                if expected
                else settle.settled_otherwise(value, where, otherwise)
            )
            _put(instance, field, result, number, found)
        if len(still) == len(waiting):
            if not found:
                raise settle.impossible("inputs are expected only if each other are", still[0][4].span)
            break
        waiting = still
    return [replace(found[number], row=row) for number in sorted(found)]


def _put(
    instance: Instance, field: Field, result: Datum | InputProblem, number: int, found: dict[int, InputProblem]
) -> None:
    if isinstance(result, InputProblem):
        found[number] = result
    elif field.ref.level == "":
        instance.whole.parameters[field.ref.name] = result
    else:
        instance.values[field.ref.name] = result


def _reasons(field: Field) -> tuple[str, ...]:
    return () if field.domain is None else field.domain.reasons


def _where(whole: Whole, field: Field, path: Path) -> str:
    return place_of(whole.program, field.ref, path)


def place_of(program: Program, ref: Ref, path: Path) -> str:
    """Return where a slot stands, without the number of the participant or the group: that is said by its row."""
    return settle.place(program, ref, path[len(path) - settle.depth(program, ref.level) :])


def check_lists(instances: Iterable[Instance], row: int | None = None) -> list[InputProblem]:
    """Return the lists that are too long, and the items whose key is not their own."""
    problems: list[InputProblem] = []
    for instance in instances:
        program = instance.program
        for name, items in instance.below.items():
            level = program.levels[name]
            if level.at_most is not None and len(items) > level.at_most:
                path = instance.path[len(instance.path) - settle.depth(program, instance.level.name) :]
                where = settle.place(program, Ref(program.participant, name), path)
                problems.append(settle.too_many(where, level.at_most))
            if level.kind == "list" and level.key is not None:
                problems.extend(_repeated(program, items, level.key))
    return [replace(problem, row=row) for problem in problems]


def _repeated(program: Program, items: list[Instance], key: str) -> list[InputProblem]:
    seen: set[Datum] = set()
    problems: list[InputProblem] = []
    for item in items:
        own = item.values.get(key)
        if own is None or isinstance(own, Absent):
            continue
        if own in seen:
            problems.append(settle.duplicate(place_of(program, Ref(item.level.name, key), item.path)))
        seen.add(own)
    return problems


def broken_expectations(whole: Whole, instances: Iterable[Instance], row: int | None = None) -> list[InputProblem]:
    """Return what is not as the program expects. What reads an absent value does not apply, and so is met."""
    there_: dict[str, list[Instance]] = {}
    for instance in instances:
        there_.setdefault(instance.level.name, []).append(instance)
    problems: list[InputProblem] = []
    for expectation in whole.program.expected:
        for instance in there_.get(expectation.level, ()):
            try:
                met = holds(expectation.condition, instance)
            except (AbsentRead, NotSettled):
                continue
            if not met:
                own = settle.depth(whole.program, expectation.level)
                path = instance.path[len(instance.path) - own :]
                problems.append(replace(settle.broken(whole.program, expectation, path), row=row))
    return problems


def instances_of(whole: Whole, level: str) -> list[Instance]:
    """Return every instance of a level, in the order of the file or the list."""
    return whole.on_level.get(level, [])
