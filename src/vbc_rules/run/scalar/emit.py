"""The code writer: blocks of generated lines, fresh names, and the objects the generated function refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from vbc_rules.language.absence import Absent


@dataclass(slots=True)
class Block:
    """Lines in order; an entry may be a branch or a loop holding blocks of its own."""

    entries: list[str | Block | If | For | Try] = field(default_factory=list)

    def add(self, line: str) -> None:
        self.entries.append(line)


@dataclass(slots=True)
class If:
    """`if condition: then` with `otherwise` behind it."""

    condition: str
    then: Block
    otherwise: Block


@dataclass(slots=True)
class For:
    """A loop; its header is written last, when the columns that the body reads are known."""

    header: Callable[[], str]
    body: Block


@dataclass(slots=True)
class Try:
    """What may fail, and the lines that are run where it does (with an exception of the class `catches`)."""

    body: Block
    otherwise: Block
    catches: str = "Exception"


class Writer:
    """Collects the generated function. `constants` are the objects it refers to by name."""

    def __init__(self) -> None:
        self.top = Block()
        self.block = self.top
        self.constants: dict[str, object] = {}
        self._absences: dict[str, str] = {}
        self._only: dict[str, str] = {}
        self._count = 0

    def add(self, line: str) -> None:
        """Write a line at the current place."""
        self.block.entries.append(line)

    def fresh(self, prefix: str = "t") -> str:
        """Return a name not used before. Names never come from the rule file."""
        self._count += 1
        return f"{prefix}{self._count}"

    def temporary(self, code: str) -> str:
        """Bind `code` to a fresh name and return the name."""
        name = self.fresh()
        self.add(f"{name} = {code}")
        return name

    def absence(self, reason: str) -> str:
        """Return the name under which the generated code knows the absence for `reason`."""
        name = self._absences.get(reason)
        if name is None:
            name = f"ABSENT_{len(self._absences) + 1}"
            self._absences[reason] = name
            self.constants[name] = Absent(reason)
        return name

    def only(self, name: str, absence: str | None) -> None:
        """Note that the one absence that `name` may hold is known as `absence`."""
        if absence is not None:
            self._only[name] = absence

    def only_absence(self, code: str) -> str | None:
        """Return what the one absence that a name may hold is known as; None where it may be any."""
        return code if code in self._absences.values() else self._only.get(code)

    def is_absent(self, code: str, *, negated: bool = False) -> str:
        """Return code that is true where `code` is absent; an absence known to be the only one is found soonest."""
        only, word = self._only.get(code), "is not" if negated else "is"
        return f"{code}.__class__ {word} Absent" if only is None else f"{code} {word} {only}"

    def function(self, name: str, function: Callable[..., object]) -> str:
        """Make a helper known to the generated code and return its name there."""
        self.constants[name] = function
        return name

    @contextmanager
    def inside(self, block: Block) -> Iterator[Block]:
        """Write into `block` for a while."""
        before, self.block = self.block, block
        try:
            yield block
        finally:
            self.block = before

    def branch(self, condition: str) -> tuple[Block, Block]:
        """Write an `if` and return its two blocks."""
        made = If(condition, Block(), Block())
        self.block.entries.append(made)
        return made.then, made.otherwise


def write(block: Block, indent: int, lines: list[str]) -> None:
    """Append the text of `block` to `lines`, `elif` where an else holds nothing but another branch."""
    pad = "    " * indent
    for entry in block.entries:
        if isinstance(entry, str):
            lines.append(pad + entry)
        elif isinstance(entry, Block):
            write(entry, indent, lines)
        elif isinstance(entry, For):
            lines.append(f"{pad}{entry.header()}")
            _body(entry.body, indent, lines)
        elif isinstance(entry, Try):
            lines.append(f"{pad}try:")
            _body(entry.body, indent, lines)
            lines.append(f"{pad}except {entry.catches}:")
            _body(entry.otherwise, indent, lines)
        else:
            _write_if(entry, indent, lines)


def _write_if(entry: If, indent: int, lines: list[str]) -> None:
    pad = "    " * indent
    word = "if"
    while True:
        if is_empty(entry.then) and word == "if" and not is_empty(entry.otherwise):
            lines.append(f"{pad}if not {entry.condition}:")
            _body(entry.otherwise, indent, lines)
            return
        lines.append(f"{pad}{word} {bare(entry.condition)}:")
        _body(entry.then, indent, lines)
        rest = entry.otherwise.entries
        if is_empty(entry.otherwise):
            return
        if len(rest) == 1 and isinstance(rest[0], If):
            entry, word = rest[0], "elif"
            continue
        lines.append(f"{pad}else:")
        _body(entry.otherwise, indent, lines)
        return


def _body(block: Block, indent: int, lines: list[str]) -> None:
    if not is_empty(block):
        write(block, indent + 1, lines)
    else:
        lines.append("    " * (indent + 1) + "pass")


def is_empty(block: Block) -> bool:
    """Return whether nothing is written in `block`."""
    return all(isinstance(entry, Block) and is_empty(entry) for entry in block.entries)


def bare(code: str) -> str:
    """Return `code` without a pair of parentheses around the whole of it."""
    if not (code.startswith("(") and code.endswith(")")):
        return code
    depth = 0
    for place, character in enumerate(code):
        if character in "\"'":
            return code
        depth += (character == "(") - (character == ")")
        if depth == 0 and place < len(code) - 1:
            return code
    return code[1:-1]
