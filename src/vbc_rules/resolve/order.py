"""In what order values can be computed: each after what it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from vbc_rules.language import document, syntax
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.scope import Scope
from vbc_rules.source.diagnostic import Findings, Related
from vbc_rules.source.span import Span

_MOST_SHOWN: Final = 12
"""Values of a circle that are named: of a longer one, the first show where it begins."""


def reads_of_value(entry: document.Value, scope: Scope) -> frozenset[Ref]:
    """Return what a value's definition reads, by name alone (types are not known yet)."""
    found: set[Ref] = set()
    for formula in _formulas(entry):
        found |= _reads(formula.expression, scope)
    match entry.shape:
        case document.GatherShape() as shape:
            found |= _gathered(shape.subject.expression, scope)
            for inner in (shape.by, shape.where):
                if inner is not None:
                    for what, _ in _targets(shape.subject.expression, scope):
                        level = what if isinstance(what, str) else what.level
                        found |= _reads(inner.expression, scope.inside(level))
        case document.TableShape() as shape:
            for word, _ in shape.rows[0].cells if shape.rows else ():
                found |= _reads(syntax.Name(word.span, tuple(word.text.split("."))), scope)
        case document.StandingShape(function=function, ties=document.Word(text=key)):
            if function.text == "top" and key != "all_in":  # elsewhere ties are settled by a word, not by a name
                found |= set(scope.find((key,)).refs)
        case document.AllocateShape(ties=document.Word(text=key)):
            found |= set(scope.find((key,)).refs)
    return frozenset(found)


def reads_of_gate(entry: document.Gate, scope: Scope) -> frozenset[Ref]:
    """Return what a gate reads."""
    return frozenset(_reads(entry.require.expression, scope))


def _formulas(entry: document.Value) -> Iterator[document.Formula]:
    """Yield the formulas of a value that are read on its own level."""
    yield from entry.needs
    for optional in (entry.only_if, entry.at_least, entry.at_most):
        if optional is not None:
            yield optional
    shape = entry.shape
    match shape:
        case document.FormulaShape():
            yield shape.formula
        case document.ChooseShape():
            for when, branch in shape.cases:
                yield when
                yield from _branch(branch)
            yield from _branch(shape.otherwise)
        case document.TiersShape():
            yield shape.subject
            for step in shape.steps:
                yield step.bound
                yield from _branch(step.branch)
            yield from _branch(shape.otherwise)
        case document.InterpolateShape():
            yield shape.subject
            for point in shape.points:
                yield point.at
                yield point.value
            for end in (shape.below, shape.above):
                if end is not None:
                    yield from _branch(end)
        case document.TableShape():
            for row in shape.rows:
                yield from _branch(row.branch)
        case document.ByMemberShape():
            for _, branch in shape.branches:
                yield from _branch(branch)
        case document.HigherOfShape():
            yield from shape.items
        case document.GatherShape():
            yield from (f for f in (shape.needs_at_least, shape.needed, shape.at) if f is not None)
        case document.StandingShape():
            yield from (f for f in (shape.subject, shape.how_many, *shape.order) if f is not None)
        case document.AllocateShape():
            yield from (f for f in (shape.pool, shape.basis, shape.at_most, shape.at_least) if f is not None)


def _branch(branch: document.Branch) -> Iterator[document.Formula]:
    yield from (f for f in (branch.formula, branch.at_least, branch.at_most) if f is not None)


def _targets(node: syntax.Expression, scope: Scope) -> tuple[tuple[Ref | str, str], ...]:
    return scope.find_gathered(node.parts) if isinstance(node, syntax.Name) else ()


def _gathered(node: syntax.Expression, scope: Scope) -> set[Ref]:
    return {what for what, _ in _targets(node, scope) if isinstance(what, Ref)}


def _reads(node: syntax.Expression, scope: Scope) -> set[Ref]:
    return {ref for ref, _ in names_read(node, scope)}


def names_read(node: syntax.Expression, scope: Scope) -> Iterator[tuple[Ref, syntax.Expression]]:
    """Yield what an expression reads, and where. A word beside `=`, `!=` or `in` that names no value is no read."""
    waiting: list[tuple[syntax.Expression, Scope]] = [(node, scope)]
    while waiting:
        here, seen = waiting.pop()
        match here:
            case syntax.Name():
                yield from ((ref, here) for ref in seen.find(here.parts).refs)
            case syntax.Aggregate():
                for what, _ in seen.find_gathered(here.subject.parts):
                    level = what if isinstance(what, str) else what.level
                    if isinstance(what, Ref):
                        yield what, here.subject
                    if here.where is not None:
                        waiting.append((here.where, seen.inside(level)))
            case syntax.Call(function="gain"):
                yield from ((ref, here) for ref in seen.find(("better",)).refs)
                waiting.extend((child, seen) for child in here.arguments)
            case _:
                waiting.extend((child, seen) for child in syntax.children(here))


def in_order(reads: Mapping[Ref, frozenset[Ref]], spans: Mapping[Ref, Span], findings: Findings) -> tuple[Ref, ...]:
    """Return the names so that each comes after what it reads, otherwise in the order given; report circles.

    Names in a circle, and what reads them, are left out.
    """
    done: dict[Ref, None] = {}
    broken: set[Ref] = set()
    for start in reads:
        _visit(start, reads, done, broken, spans, findings)
    return tuple(ref for ref in done if ref not in broken)


def _visit(
    start: Ref,
    reads: Mapping[Ref, frozenset[Ref]],
    done: dict[Ref, None],
    broken: set[Ref],
    spans: Mapping[Ref, Span],
    findings: Findings,
) -> None:
    path: dict[Ref, Iterator[Ref]] = {}
    if start not in done:
        path[start] = iter(_wanted(start, reads))
    while path:
        here = next(reversed(path))
        following = next(path[here], None)
        if following is None:
            del path[here]
            if any(read in broken for read in reads[here]):
                broken.add(here)
            done[here] = None
        elif following in path:
            names = list(path)
            circle = names[names.index(following) :]
            _report(circle, spans, findings)
            broken.update(circle)
        elif following not in done:
            path[following] = iter(_wanted(following, reads))


def _wanted(ref: Ref, reads: Mapping[Ref, frozenset[Ref]]) -> Iterable[Ref]:
    return sorted((read for read in reads[ref] if read in reads), key=str)


def _report(circle: list[Ref], spans: Mapping[Ref, Span], findings: Findings) -> None:
    first = min(circle, key=lambda ref: (spans[ref].line, spans[ref].column))
    start = circle.index(first)
    turned = [*circle[start:], *circle[:start]]
    shown = turned if len(turned) <= _MOST_SHOWN else turned[: _MOST_SHOWN - 1]
    left_out = [f"{len(turned) - len(shown):,} others"] if len(shown) < len(turned) else []
    route = " reads ".join([*(f"`{ref.name}`" for ref in shown), *left_out, f"`{first.name}`"])
    findings.error(
        "VBC314",
        f"the values go round in a circle: {route}",
        spans[first],
        "let one of them be computed without the others",
        *(Related(f"`{ref.name}` is defined here", spans[ref]) for ref in shown[1:]),
    )
