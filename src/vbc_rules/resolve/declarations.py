"""Parameters, levels, members and inputs: what the file declares, with its types."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from vbc_rules.language import document
from vbc_rules.language.show import either
from vbc_rules.language.types import IDENTIFIER, Type, type_named
from vbc_rules.resolve.expressions import Datum, Plain
from vbc_rules.resolve.literals import inferred_type, literal_value, read_cell, read_literal
from vbc_rules.resolve.program import DatedValue, Domain, Level, Member, Parameter
from vbc_rules.source.diagnostic import Findings, Related
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span

COHORT = "cohort"
COUNT_LIMIT = Fraction(999_999_999)
"""A count without a range is at most this: nine digits hold every population these programs pay for."""


def declared_type(declaration: document.Declaration) -> Type:
    """Return the type of a declaration."""
    return type_named(declaration.type.text, tuple(option.text for option in declaration.options))


def make_domain(declaration: document.Declaration, findings: Findings, *, what: str) -> Domain:
    """Return what an input or a required parameter may hold, with the defaults of its type.

    Money, number and points have no default range; a count runs from 0 to 999,999,999, a percent from 0% to 100%.
    """
    type_ = declared_type(declaration)
    decimals = declaration.decimals
    if decimals is None:
        decimals = {"money": 2, "percent": 2}.get(type_.kind, 0)
        if type_.kind == "number":
            findings.error(
                "VBC418",
                f"the number `{what}` does not say how many decimals it has",
                declaration.type.span,
                "write `decimals` after `type`",
            )
    elif not type_.is_numeric or (type_.kind == "count" and decimals != 0):
        findings.error("VBC418", f"{type_.one} has no decimals", declaration.type.span, "leave out `decimals`")
    low, high = _bounds(declaration, type_, findings)
    if declaration.range_span is None and type_.is_numeric:
        match type_.kind:
            case "percent":
                low, high = Fraction(0), Fraction(1)
            case "count":
                low, high = Fraction(0), COUNT_LIMIT
            case _:
                findings.error(
                    "VBC419",
                    f"the {type_} `{what}` does not say what range it has",
                    declaration.type.span,
                    "write `range` with its least and greatest possible value, as in "
                    + ('`range: "$0 to $5,000,000,000"`' if type_.kind == "money" else "`range: 0 to 100`"),
                )
    if type_.kind == "category" and not type_.options:
        findings.error("VBC420", f"the category `{what}` lists no words", declaration.type.span, "write `of: [..]`")
    return Domain(type_, decimals, low, high, tuple(reason.text for reason in declaration.reasons))


def _bounds(
    declaration: document.Declaration, type_: Type, findings: Findings
) -> tuple[Fraction | datetime.date | None, Fraction | datetime.date | None]:
    ends: list[Fraction | datetime.date | None] = []
    for node in (declaration.low, declaration.high):
        value = literal_value(node, type_) if node is not None else None
        if node is not None and value is None:
            sample = {"percent": "`0% to 100%`", "money": '`"$0 to $1,000"`', "date": "`2024-01-01 to 2024-12-31`"}
            findings.error(
                "VBC416",
                f"the range of {type_.one} is written in {type_}",
                declaration.range_span or node.span,
                f"write it like {sample.get(type_.kind, '`0 to 100`')}",
            )
        ends.append(value)
    low, high = ends
    if low is not None and high is not None and type(low) is type(high) and low > high:  # type: ignore[operator]
        findings.error(
            "VBC421",
            "the range ends before it begins",
            declaration.range_span or declaration.span,
            "write the smaller end first",
        )
    return low, high


# --- parameters -------------------------------------------------------------------------------------------------------


def make_parameter(entry: document.Parameter, findings: Findings) -> Parameter | None:
    """Return a parameter, or None once an error has been recorded."""
    type_ = declared_type(entry.declaration) if entry.declaration is not None else None
    if type_ is None:
        written = entry.value or next((dated.value for dated in entry.dated if dated.value is not None), None)
        type_ = inferred_type(written) if written is not None else None
        if type_ is None:
            findings.error(
                "VBC422",
                f"the type of `{entry.name.text}` does not show from what is written",
                entry.name.span,
                "write `type` first",
            )
            return None
    if type_.kind == "category" and not type_.options:
        findings.error(
            "VBC420", f"the category `{entry.name.text}` lists no words", entry.name.span, "write `of: [..]`"
        )
    value = read_literal(entry.value, type_, findings) if entry.value is not None else None
    if entry.value is not None and value is None:
        return None
    dated = tuple(
        DatedValue(
            step.first,
            step.last,
            read_literal(step.value, type_, findings) if step.value is not None else None,
            step.provenance,
        )
        for step in entry.dated
    )
    domain = None
    if entry.required and entry.declaration is not None:
        domain = make_domain(entry.declaration, findings, what=entry.name.text)
    return Parameter(
        name=entry.name.text,
        type=type_,
        value=value,
        text=entry.value.text if entry.value is not None else "",
        required=entry.required,
        domain=domain,
        dated=dated,
        stated_through=entry.stated_through,
        carry_after=entry.after is not None and entry.after.text == "carry_with_warning",
        codes=tuple(code.text for code in entry.codes),
        title=entry.title or entry.name.text.replace("_", " "),
        about=entry.about or "",
        provenance=entry.provenance,
        span=entry.name.span,
    )


def steady_value(parameter: Parameter, period: document.Period) -> Plain | None:
    """Return the one value a dated parameter has on every day of `period`; None where it changes or is not stated."""
    first, last = period.first or datetime.date.min, period.last or datetime.date.max
    end = parameter.stated_through or parameter.dated[-1].last or datetime.date.max
    if parameter.carry_after:
        first, last = min(first, end), min(last, end)
    elif last > end:
        return None
    found: Plain | None = None
    day = first
    for entry in parameter.dated:
        starts, ends = entry.first or datetime.date.min, entry.last or datetime.date.max
        if ends < first or starts > last:
            continue
        if starts > day or entry.value is None or found not in (None, entry.value):
            return None
        found = entry.value
        if ends >= last:
            return found
        day = ends + datetime.timedelta(days=1)
    return None


# --- levels -----------------------------------------------------------------------------------------------------------


def make_levels(doc: document.Document, findings: Findings) -> Mapping[str, Level]:
    """Return the levels, each after what it lies in; the cohort and the participant first.

    What groups go `by` is left open: names are found only once all levels are known.
    """
    participant = doc.participant.text
    found: dict[str, Level] = {
        COHORT: _plain(COHORT, "cohort", None, doc.span),
        participant: _plain(participant, "participant", COHORT, doc.participant.span),
    }
    waiting = [entry for entry in doc.levels if not _clashes(entry, found, findings)]
    known = {*found, *(entry.name.text for entry in waiting)}
    while waiting:
        ready = [entry for entry in waiting if _anchor(entry) is None or _anchor(entry).text in found]  # type: ignore[union-attr]
        if not ready:
            reported = _read_on(waiting, known, findings)
            if reported is None:
                break
            waiting = reported
            continue
        for entry in ready:
            found[entry.name.text] = _level(entry, found, findings)
            waiting.remove(entry)
    return MappingProxyType(found)


def _plain(name: str, kind: Literal["cohort", "participant"], parent: str | None, span: Span) -> Level:
    return Level(name, kind, parent, (), None, None, None, (), span, name.replace("_", " "))


def _clashes(entry: document.Level, found: Mapping[str, Level], findings: Findings) -> bool:
    if entry.name.text not in found:
        return False
    findings.error(
        "VBC307",
        f"the level `{entry.name.text}` always exists",
        entry.name.span,
        "give this level another name",
        Related("it is named here", found[entry.name.text].span),
    )
    return True


def _anchor(entry: document.Level) -> document.Word | None:
    return entry.parent if entry.parent is not None else entry.groups


def _read_on(waiting: list[document.Level], known: set[str], findings: Findings) -> list[document.Level] | None:
    """Report what levels lie in that there is not; return those left, read as if a misspelt level were the nearest.

    None where all that is left goes round in a circle. A level that is near to none is left out, and what lies in it.
    """
    anchors = [(entry, anchor) for entry in waiting if (anchor := _anchor(entry)) is not None]
    if all(anchor.text in known for _, anchor in anchors):
        for entry, anchor in anchors:
            findings.error(
                "VBC308",
                f"the levels go round in a circle at `{entry.name.text}`",
                anchor.span,
                "name a level that lies above",
            )
        return None
    left: list[document.Level] = []
    out: set[str] = set()
    for entry, anchor in anchors:
        if anchor.text in known:
            left.append(entry)
            continue
        close = nearest(anchor.text, sorted(known - {entry.name.text}))
        findings.error(
            "VBC309",
            f"there is no level `{anchor.text}`",
            anchor.span,
            f"write `{close}`" if close else "name the participant or a declared level",
        )
        if close is None:
            out.add(entry.name.text)
        else:
            meant = document.Word(close, anchor.span)
            left.append(replace(entry, groups=meant) if entry.parent is None else replace(entry, parent=meant))
    while lost := {entry.name.text for entry in left if (above := _anchor(entry)) is not None and above.text in out}:
        out |= lost
        left = [entry for entry in left if entry.name.text not in lost]
    return left


def gathering_by(word: str, keys: Mapping[str, Sequence[str]]) -> str | None:
    """Say which levels gather by a name that stands in the place of a level; `keys` has what each level gathers by."""
    levels = [level for level, names in keys.items() if word in names]
    return f"write {either(levels)}, which gathers by `{word}`" if levels else None


def _level(entry: document.Level, found: Mapping[str, Level], findings: Findings) -> Level:
    parent = entry.parent.text if entry.parent is not None else COHORT
    kind: Literal["groups", "list", "members"] = (
        "groups" if entry.groups is not None else "list" if entry.is_list else "members"
    )
    columns = {name: (declaration, declared_type(declaration)) for name, (_, declaration) in entry.parameters.items()}
    members = tuple(_member(member, entry, found[parent], columns, findings) for member in entry.members)
    if kind == "members" and not members:
        findings.error(
            "VBC310",
            f"the level `{entry.name.text}` has no members",
            entry.name.span,
            "list its `members`, or write `list: yes` if the data bring them",
        )
    if kind == "list" and entry.at_most is None:
        findings.error(
            "VBC419",
            f"the list `{entry.name.text}` does not say how long it may be",
            entry.name.span,
            "write `at_most`",
        )
    return Level(
        entry.name.text,
        kind,
        parent,
        members,
        entry.key.text if entry.key is not None else None,
        entry.at_most,
        entry.groups.text if entry.groups is not None else None,
        (),
        entry.name.span,
        entry.title or entry.name.text.replace("_", " "),
    )


def _member(
    member: document.Member,
    entry: document.Level,
    parent: Level | None,
    columns: Mapping[str, tuple[document.Declaration, Type]],
    findings: Findings,
) -> Member:
    cells: dict[str, Datum] = {}
    for name, (declaration, type_) in columns.items():
        if name in member.cells:
            value = read_cell(member.cells[name], declaration, type_, findings)
            if value is not None:
                cells[name] = value
    inside = member.parent.text if member.parent is not None else None
    if parent is not None and parent.kind == "members":
        names = tuple(candidate.name for candidate in parent.members)
        if member.parent is None:
            findings.error(
                "VBC311",
                f"`{member.name.text}` does not say which {parent.name} it lies in",
                member.name.span,
                f"write `in` first, one of {', '.join(f'`{name}`' for name in names)}",
            )
        elif inside not in names:
            close = nearest(member.parent.text, names)
            findings.error(
                "VBC312",
                f"there is no {parent.name} `{member.parent.text}`",
                member.parent.span,
                f"write `{close}`" if close else f"write one of {', '.join(f'`{name}`' for name in names)}",
            )
    elif member.parent is not None:
        findings.error(
            "VBC312",
            f"`{entry.parent.text if entry.parent else ''}` has no listed members to lie in",
            member.parent.span,
            "leave out `in`",
        )
        inside = None
    return Member(
        member.name.text,
        inside,
        MappingProxyType(cells),
        member.title or member.name.text.replace("_", " "),
        member.name.span,
        member.provenance or entry.provenance,
    )


def name_type(level: Level) -> Type:
    """Return the type of a level's own name read as a value."""
    if level.kind == "members":
        return Type("category", tuple(member.name for member in level.members))
    return IDENTIFIER
