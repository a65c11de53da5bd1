"""What is known of one name at one instance, worked through once however often it is read."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from vbc_rules.errors import Code, EvaluationError
from vbc_rules.explain.gates import paid
from vbc_rules.explain.numbers import value_text
from vbc_rules.explain.rules import rule_words
from vbc_rules.explain.scene import Scene
from vbc_rules.explain.shapes import work
from vbc_rules.explain.tree import Kind, Line, Origin
from vbc_rules.explain.view import Key, Reads, View
from vbc_rules.explain.words import Author, origins
from vbc_rules.explain.workings import Workings
from vbc_rules.language import document
from vbc_rules.language.absence import NOT_IN_PROGRAM, Absent
from vbc_rules.language.types import YES_NO, Type
from vbc_rules.resolve.expressions import Datum, Ref
from vbc_rules.resolve.program import (
    ByMemberShape,
    ChooseShape,
    DatedValue,
    Definition,
    Gate,
    InterpolateShape,
    Outcome,
    Program,
    Shape,
    TableShape,
    TiersShape,
)
from vbc_rules.run import settle
from vbc_rules.run.oracle import AbsentRead
from vbc_rules.source.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything an explanation says of one name, but for its parts, which are `reads`.

    `reason` is that of an absence, also where a payment pays nothing for it; `because` the name that it came from;
    `cause` says why it arose where it came from no other name.
    """

    key: Key
    name: str
    instance: tuple[str, ...]
    title: str = ""
    about: str = ""
    kind: Kind
    value: Datum
    text: str
    rule: str = ""
    lines: tuple[Line, ...] = ()
    reason: str = ""
    because: Key | None = None
    cause: str = ""
    place: str
    origins: tuple[Origin, ...] = ()
    illustrative: bool = False
    reads: tuple[Key, ...] = ()
    others: frozenset[Key] = frozenset()
    """Those of `reads` that were read of members of another participant or group."""
    unlisted: tuple[Ref, ...] = ()
    """Names that were read of members told together only."""
    is_closed: bool = False
    """Whether there is more to open."""


def gather_facts(scene: Scene, key: Key, *, closed: bool = False) -> Facts:
    """Work `key` through again; with `closed`, only say what it is.

    Raises KeyError for a name or an instance that does not exist, EvaluationError where the workings do not arrive at
    the value in the trace.
    """
    ref, path, outside = key
    program = scene.program
    if ref.level == "":
        return _parameter(program, key, _parameter_value(scene, key))
    if outside:
        return _in_no_group(scene, key)
    value = scene.value(ref, path)
    slot = program.slots[ref]
    view = View(scene, ref.level, path, Reads())
    instance = scene.labels(ref.level, path)
    gate = scene.failed_gate(ref.level, path) if ref in program.membership else None
    match slot.kind:
        case "value" | "payment" if closed:
            return _closed(program.definition(ref), key, value, instance)
        case "value" | "payment" if gate is not None:
            return _not_a_member(program.definition(ref), gate, view, value, instance)
        case "value" | "payment":
            return _definition(program.definition(ref), view, value, instance)
        case "gate":
            found = next(each for each in program.gates if each.ref == ref)
            return _gate(found, gate, view, value, instance)
        case "input":
            return _input(view, ref, value, instance)
        case "cell":
            member = next(m for m in program.levels[ref.level].members if path and m.name == path[-1])
            return Facts(
                key=key,
                name=ref.name,
                instance=scene.labels(ref.level, path)[-settle.depth(program, ref.level) :],
                kind="cell",
                value=value,
                text=value_text(value, slot.type),
                reason=_reason(value),
                cause="the file says so",
                place=_place(member.span),
                origins=origins(program, member.provenance),
                illustrative=_marked(member.provenance),
            )
        case "name":
            return Facts(
                key=key,
                name=ref.name,
                instance=instance,
                kind="name",
                value=value,
                text=value_text(value, slot.type),
                place=_place(slot.span),
            )


def _definition(definition: Definition, view: View, value: Datum, instance: tuple[str, ...]) -> Facts:
    program, ref = view.program, definition.ref
    author = Author(program, ref)
    w = Workings(view, author, definition.type)
    where = view.scene.place(ref, view.path)
    try:
        found = paid(definition, w) if definition.role == "payment" else work(definition, w)
    except AbsentRead:
        raise EvaluationError(Code.EVALUATION, "the explanation reads a value that is absent", where) from None
    _same(found, value, where)
    provenances = [definition.provenance, *inside(definition.shape)]
    return Facts(
        key=Key(ref, view.path),
        name=ref.name,
        instance=instance,
        title=definition.title,
        about=definition.about,
        kind=definition.role,
        value=value,
        text=value_text(value, definition.type),
        rule=rule_words(definition, author),
        lines=tuple(w.lines),
        reason=w.reason,
        because=w.because,
        cause=w.cause,
        place=_place(definition.span),
        origins=origins(program, definition.provenance),
        illustrative=any(p is not None and p.kind == "illustrative" for p in provenances),
        reads=_named(view),
        others=_others(view),
        unlisted=_unlisted(view),
    )


def _closed(definition: Definition, key: Key, value: Datum, instance: tuple[str, ...]) -> Facts:
    return Facts(
        key=key,
        name=definition.ref.name,
        instance=instance,
        title=definition.title,
        kind=definition.role,
        value=value,
        text=value_text(value, definition.type),
        reason=_reason(value),
        place=_place(definition.span),
        is_closed=True,
    )


def _not_a_member(definition: Definition, gate: Gate, view: View, value: Datum, instance: tuple[str, ...]) -> Facts:
    """Return the facts of what only a participant in the program has, for one that is not in it."""
    program, ref = view.program, definition.ref
    author = Author(program, ref)
    w = Workings(view, author, definition.type)
    required = Author(program, gate.ref).words(gate.require)
    lines = [
        Line("gate", "gate", f"{gate.ref.name} failed: is not in the program", note=required),
        Line("note", "so", f"{ref.name} is only for those in the program, and was not evaluated"),
    ]
    view.value(gate.ref)
    found = w.absent(NOT_IN_PROGRAM, f"gate `{gate.ref.name}` failed", view.key(gate.ref))
    _same(found, value, view.scene.place(ref, view.path))
    return Facts(
        key=Key(ref, view.path),
        name=ref.name,
        instance=instance,
        title=definition.title,
        about=definition.about,
        kind=definition.role,
        value=value,
        text=value_text(value, definition.type),
        rule=rule_words(definition, author),
        lines=tuple(lines),
        reason=w.reason,
        because=w.because,
        cause=w.cause,
        place=_place(definition.span),
        origins=origins(program, definition.provenance),
        reads=_named(view),
    )


def _in_no_group(scene: Scene, key: Key) -> Facts:
    """Return the facts of a name of a group, read by a member that is in none."""
    ref, path, level = key
    program = scene.program
    reason, because, at = scene.why_outside(level, path, program.root(ref.level))
    slot = program.slots[ref]
    value = Absent(reason)
    group = program.root(ref.level)
    told = "is not in the program" if reason == NOT_IN_PROGRAM else f"{because.name} is {value}"
    whose = " / ".join(scene.labels(level, path)) or f"this {program.participant}"
    return Facts(
        key=key,
        name=ref.name,
        instance=scene.labels(level, path),
        kind=slot.kind,
        value=value,
        text=value_text(value, slot.type),
        lines=(Line("note", "in", f"{whose} is in no {group}: {told}"),),
        reason=reason,
        because=Key(because, at),
        cause=f"it is in no {group}",
        place=_place(slot.span),
        reads=(Key(because, at),),
    )


def _gate(gate: Gate, keeps_out: Gate | None, view: View, value: Datum, instance: tuple[str, ...]) -> Facts:
    author = Author(view.program, gate.ref)
    w = Workings(view, author, YES_NO)
    where = view.scene.place(gate.ref, view.path)
    rule = author.words(gate.require)
    if keeps_out is not None:
        view.value(keeps_out.ref)
        w.note("so", f"{gate.ref.name} is only for those in the program, and was not evaluated")
        found: Datum = w.absent(NOT_IN_PROGRAM, f"gate `{keeps_out.ref.name}` failed", view.key(keeps_out.ref))
    else:
        try:
            found = w.test("numbers", gate.require, "")
        except AbsentRead:
            raise EvaluationError(Code.EVALUATION, "the explanation reads a value that is absent", where) from None
        w.cause = f"`{rule}` does not hold"
    _same(found, value, where)
    return Facts(
        key=Key(gate.ref, view.path),
        name=gate.ref.name,
        instance=instance,
        title=gate.title,
        kind="gate",
        value=value,
        text=str(value) if isinstance(value, Absent) else "held" if value is True else "failed",
        rule=rule,
        lines=tuple(w.lines),
        reason=w.reason,
        because=w.because,
        cause=w.cause,
        place=_place(gate.span),
        origins=origins(view.program, gate.provenance),
        illustrative=_marked(gate.provenance),
        reads=_named(view),
        others=_others(view),
        unlisted=_unlisted(view),
    )


def _input(view: View, ref: Ref, value: Datum, instance: tuple[str, ...]) -> Facts:
    entry = view.program.inputs[ref]
    lines: tuple[Line, ...] = ()
    cause = "given so"
    if entry.only_if is not None:
        w = Workings(view, Author(view.program, ref), YES_NO)
        if not w.test("only if", entry.only_if, w.author.words(entry.only_if)):
            cause = f"`{w.author.words(entry.only_if)}` does not hold"
        lines = tuple(w.lines)
    return Facts(
        key=Key(ref, view.path),
        name=ref.name,
        instance=instance,
        title=entry.title,
        about=entry.about,
        kind="input",
        value=value,
        text=value_text(value, entry.domain.type),
        lines=lines,
        reason=_reason(value),
        cause=cause,
        place=_place(entry.span),
        reads=_named(view),
    )


def _parameter_value(scene: Scene, key: Key) -> Datum:
    """Return what a parameter holds; one read on a date has that date as its path, one of codes holds them all."""
    ref, path, parameter = key.ref, key.path, scene.program.parameters[key.ref.name]
    if parameter.codes:
        return ", ".join(parameter.codes)
    if path:
        return settle.stated(parameter, datetime.date.fromisoformat(str(path[0])), "the date").value
    return scene.value(ref, ())


def _parameter(program: Program, key: Key, value: Datum) -> Facts:
    parameter = program.parameters[key.ref.name]
    found = origins(program, parameter.provenance)
    if parameter.required:
        found = (Origin("required"),)
    dated = tuple(
        Line("note", "dated", f"{_span_words(entry)}: {_dated_text(entry.value, parameter.type)}")
        for entry in parameter.dated
    )
    acting = [entry for entry in parameter.dated if entry.value is not None and entry.value == value]
    marked = _marked(parameter.provenance) or any(_marked(entry.provenance) for entry in acting)
    found = found or next((o for entry in acting if (o := origins(program, entry.provenance))), ())
    name = f"{parameter.name} on {key.path[0]}" if key.path else parameter.name
    return Facts(
        key=key,
        name=name,
        instance=(),
        title=parameter.title,
        about=parameter.about,
        kind="parameter",
        value=value,
        text=value_text(value, parameter.type),
        lines=dated,
        place=_place(parameter.span),
        origins=found,
        illustrative=marked,
    )


def _reason(value: Datum) -> str:
    return value.reason if isinstance(value, Absent) else ""


def _same(found: Datum, value: Datum, where: str) -> None:
    """Raise EvaluationError unless the workings arrived at the engine's value."""
    if type(found) is not type(value) or found != value:
        raise EvaluationError(Code.EVALUATION, "the explanation does not arrive at the engine's value", where)


def _named(view: View) -> tuple[Key, ...]:
    """Return what was read, without the names of members and items, which stand on the lines."""
    slots, levels = view.program.slots, view.program.levels
    return tuple(
        key
        for key in (view.reads.keys if view.reads is not None else ())
        if key.ref.level == "" or (slots[key.ref].kind != "name" and key.ref.name != levels[key.ref.level].key)
    )


def _others(view: View) -> frozenset[Key]:
    return frozenset(view.reads.others if view.reads is not None else ())


def _unlisted(view: View) -> tuple[Ref, ...]:
    return tuple(view.reads.unlisted if view.reads is not None else ())


def inside(shape: Shape) -> tuple[document.Provenance | None, ...]:
    """Return where the numbers inside a shape come from."""
    outcomes: list[Outcome] = []
    match shape:
        case ChooseShape():
            outcomes = [*(case.outcome for case in shape.cases), shape.otherwise]
        case TiersShape():
            outcomes = [*(step.outcome for step in shape.steps), shape.otherwise]
        case TableShape():
            outcomes = [row.outcome for row in shape.rows]
        case ByMemberShape():
            outcomes = [outcome for _, outcome in shape.outcomes]
        case InterpolateShape():
            return tuple(point.provenance for point in shape.points)
    return tuple(outcome.provenance for outcome in outcomes)


def _marked(provenance: document.Provenance | None) -> bool:
    return provenance is not None and provenance.kind == "illustrative"


def _place(span: Span) -> str:
    return str(span).rpartition(":")[0]


def _span_words(entry: DatedValue) -> str:
    first = f"from {entry.first}" if entry.first else ""
    last = f"through {entry.last}" if entry.last else ""
    return f"{first} {last}".strip() or "always"


def _dated_text(value: Datum | None, type_: Type) -> str:
    return "unstated" if value is None else value_text(value, type_)
