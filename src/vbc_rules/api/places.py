"""Where a name stands, seen from one row: from the participant, from a group, or from the cohort."""

from __future__ import annotations

from collections.abc import Iterator

from vbc_rules.errors import Code, UsageError
from vbc_rules.plan.layout import Path
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Program
from vbc_rules.source.nearest import nearest


def steps_to(program: Program, level: str, root: str) -> tuple[str, ...]:
    """Return the levels whose keys lead from a row of `root` to an instance of `level`, outermost first.

    A level of groups is seen from the member that it gathers, so the member's keys come first.
    """
    chain = program.chain(level)
    top = program.root(level)
    below = chain[: chain.index(top)][::-1]
    here = program.levels[top]
    if here.kind != "groups" or top == root:
        return below
    return (*steps_to(program, here.groups or COHORT, root), *below)


def can_see(program: Program, level: str, root: str) -> bool:
    """Whether a name of `level` can be read from a row of `root`: what hangs from it, or from what is above it."""
    top = program.root(level)
    return top in (root, COHORT) or any(program.root(upper) == top for upper in _uppers(program, root))


def _uppers(program: Program, root: str) -> Iterator[str]:
    for level in program.levels_of(root):
        yield from program.above(level)


def paths_under(program: Program, level: str, above: Path, root: str) -> tuple[Path, ...]:
    """Return the paths of the listed members of `level` that lie under the instance `above`.

    Raises ValueError where a level between them is a list.
    """
    paths: list[Path] = [above]
    for name in steps_to(program, level, root)[len(above) :]:
        here = program.levels[name]
        if here.kind != "members":
            raise ValueError(f"the members of {name} are not listed in the file")
        paths = [
            (*path, member.name)
            for path in paths
            for member in here.members
            if member.parent is None or (path and path[-1] == member.parent)
        ]
    return tuple(paths)


def locate(program: Program, name: str, instance: tuple[str | int, ...], root: str) -> tuple[Ref, Path]:
    """Return which name of which level is meant, and the path of the instance, as `Program.locate` says."""
    level, _, bare = name.rpartition(".")
    if "." in level:
        level, *members = level.split(".")
        instance = (*members, *instance)
    slots = (ref for ref in program.slots if can_see(program, ref.level, root))
    known = (*slots, *(Ref("", parameter) for parameter in program.parameters))
    found = [ref for ref in known if ref.name == bare and level in ("", ref.level)]
    if len(found) > 1 and instance:
        deep = [ref for ref in found if ref.level and len(steps_to(program, ref.level, root)) >= len(instance)]
        found = deep or found
    if len(found) > 1:
        own = [ref for ref in found if ref.level == root and not instance]
        found = own or found
    if len(found) != 1:
        raise UsageError(Code.NO_SUCH_RESULT, _which(name, bare, found, known))
    ref = found[0]
    return ref, _path(program, ref, instance, root) if ref.level else ()


def _which(name: str, bare: str, found: list[Ref], known: tuple[Ref, ...]) -> str:
    if found:
        return f"several things are named `{name}`; write {' or '.join(f'`{ref}`' for ref in found)}"
    close = nearest(bare, tuple(dict.fromkeys(ref.name for ref in known)))
    return f"nothing is named `{name}`" + (f"; write `{close}`" if close else "")


def _path(program: Program, ref: Ref, instance: tuple[str | int, ...], root: str) -> Path:
    steps = steps_to(program, ref.level, root)
    if not steps and not instance:
        return ()
    if all(program.levels[name].kind == "members" for name in steps):
        matching = [
            path
            for path in paths_under(program, ref.level, (), root)
            if instance and path[len(path) - len(instance) :] == instance
        ]
        if len(matching) == 1:
            return matching[0]
        members = tuple(str(path[-1]) for path in paths_under(program, ref.level, (), root) if path)
        close = nearest(str(instance[-1]), members) if instance else None
        if not members:
            raise UsageError(Code.NO_SUCH_RESULT, f"there is one `{ref}` only; write nothing behind its name")
        listed = ", ".join(dict.fromkeys(members))
        raise UsageError(
            Code.NO_SUCH_RESULT, f"say which {ref.level}: " + (f"write `{close}`" if close else f"one of {listed}")
        )
    if len(instance) == len(steps):
        return instance
    raise UsageError(
        Code.NO_SUCH_RESULT, f"say which {ref.level}: give {len(steps)} of {', '.join(steps)}, items by number"
    )
