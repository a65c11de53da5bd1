"""The programs that come with the library, found wherever it is installed: a wheel, a checkout, a zip file."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from vbc_rules.errors import Code, UsageError

_SUFFIX = ".yaml"
_BESIDE_A_PROGRAM = (".tests.yaml", ".mapping.yaml")


def packaged_rules() -> Traversable:
    """Return the folder of packaged rules; its path is real only where the library is not in a zip file.

    Raises UsageError when the installation has none.
    """
    package = resources.files("vbc_rules")
    installed = package.joinpath("rules")
    if installed.is_dir():
        return installed
    # An editable install runs from src/ of a checkout, where the rules lie beside src/.
    if isinstance(package, Path) and package.parent.name == "src":
        checkout = package.parent.parent / "rules"
        if checkout.is_dir():
            return checkout
    raise UsageError(Code.NO_SUCH_PROGRAM, "this installation has no packaged programs; install vbc_rules again")


def list_packaged() -> tuple[str, ...]:
    """Return the identifiers of all packaged programs, `payer/program@edition`, sorted."""
    return tuple(sorted(_programs()))


def find_packaged(identifier: str) -> Traversable | None:
    """Return the file of a packaged program named `payer/program@edition`, or None when there is none of that name.

    The edition may be left out of a program that has only one. Raises UsageError, naming the editions, when it has
    several. The name is looked up among those that exist, so no name reaches a file outside the packaged rules.
    """
    programs = _programs()
    if "@" in identifier:
        return programs.get(identifier)
    editions = sorted(name for name in programs if name.rpartition("@")[0] == identifier)
    if len(editions) > 1:
        raise UsageError(Code.WHICH_EDITION, f"{identifier} has several editions; write one of {', '.join(editions)}")
    return programs[editions[0]] if editions else None


def _programs() -> dict[str, Traversable]:
    return dict(_walk(packaged_rules(), ()))


def _walk(folder: Traversable, path: tuple[str, ...]) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(entry, (*path, entry.name))
        elif path and entry.name.endswith(_SUFFIX) and not entry.name.endswith(_BESIDE_A_PROGRAM):
            yield f"{'/'.join(path)}@{entry.name.removesuffix(_SUFFIX)}", entry
