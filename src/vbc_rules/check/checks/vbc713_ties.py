"""What settles ties among several participants does not tell all members apart.

Refused:

```yaml
payments:
  hospital:
    share: {allocate: pool, in_proportion_to: cases, remainder: largest, ties: peer_group, if_none: not_paid}
```

Instead:

```yaml
payments:
  hospital:
    share: {allocate: pool, in_proportion_to: cases, remainder: largest, ties: hospital, if_none: not_paid}
```

Why: the last odd cent of a pool goes to one member, and the tenth place among equals is one member's. Which one must
follow from the file and the data, never from the order of their rows: ties are settled by the name of a level (the
participant's identifier, a member's name, a group's) of which no two members that are compared have the same. Where
each participant has several members in one pool, no one name is enough: gather them first (`component_pool: {groups:
component, by: component}`), so that each has one.
"""

from __future__ import annotations

from typing import Final

from vbc_rules.check.checks.vbc707_words import span_of_word, written_by_name
from vbc_rules.check.estimate import Estimator
from vbc_rules.check.paths import is_of_participants, way_up
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import AllocateShape, Definition, Program, TopShape
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import Span

code: Final = "VBC713"
name: Final = "ties that are not decided"


def check(program: Program, estimator: Estimator, findings: Findings) -> None:
    """Report keys of ties that two of the members compared may have in common."""
    del estimator
    written = written_by_name(program)
    for definition in program.definitions:
        match definition.shape:
            case AllocateShape(level=level, within=within, ties=ties):
                _ties(definition, level, within, ties, span_of_word(written, definition, "ties"), program, findings)
            case TopShape(level=level, within=within, ties=Ref() as ties) if not is_of_participants(program, within):
                _ties(definition, level, within, ties, span_of_word(written, definition, "ties"), program, findings)
            case _:
                pass


def _ties(
    definition: Definition, level: str, within: str, ties: Ref, span: Span, program: Program, findings: Findings
) -> None:
    needed = told_apart_by(level, within, program)
    if not needed or needed == {_as_level(ties, program)}:
        return
    one = next(iter(sorted(needed)))
    is_top = isinstance(definition.shape, TopShape)
    if len(needed) == 1 and (key := _key_of(one, program)) is not None:
        help = f"write `ties: {key}`"
    elif is_top:
        help = "write `ties: all_in`"
    else:
        help = f"gather first what is shared among: on a level of groups where each `{program.participant}` has one"
    findings.error(
        code,
        f"ties are not decided by `{ties.name}`: two of `{level}` within one `{within}` may have the same",
        span,
        help,
    )


def _key_of(level: str, program: Program) -> str | None:
    """Return the name by which members of a level are told apart; None where nothing does."""
    here = program.levels[level]
    if here.kind == "list":
        return here.key
    return None if here.kind == "groups" and len(here.by) != 1 else level


def _as_level(ties: Ref, program: Program) -> str | None:
    """Return the level whose members a name tells apart; None for any other name."""
    here = program.levels.get(ties.level)
    if here is None:
        return None
    if ties.name == ties.level or (here.kind == "list" and ties.name == here.key):
        return here.name
    return None


def told_apart_by(level: str, within: str, program: Program) -> frozenset[str]:
    """Return the levels whose names together tell apart the members of `level` within one `within`; no fewer do.

    A listed member's name tells which member of each level above that lists members it lies in. What a level of groups
    goes by is the same for all its members.
    """
    chain = program.chain(level)
    end = chain.index(within) if within in chain else chain.index(program.root(level)) + 1
    needed: list[str] = []
    below = ""
    for one in chain[:end]:
        kind = program.levels[one].kind
        if not (kind == "members" and below == "members"):
            needed.append(one)
        below = kind
    way = way_up(program, level, within)
    same = {key for group in way[1:] for ref in program.levels[group].by if (key := _as_level(ref, program))}
    return frozenset(needed) - same
