"""The generic machinery: blocks checked against the keys they may have, and read key by key.

A reader is a function of a tree, the key it stands under and the context; it returns what it read, or None after having
reported why it could not. So one call finds every error of a file, and no error hides another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

from vbc_rules.language.document import Word
from vbc_rules.language.reading import codes
from vbc_rules.language.show import either
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.nearest import nearest
from vbc_rules.source.span import Span
from vbc_rules.source.tree import Block, Entry, Listing, Scalar, Tree

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """What every reader is given: where to report, and the keys of the file's `sources`."""

    findings: Findings
    sources: tuple[str, ...] = ()


Reader: TypeAlias = Callable[[Tree, str, Context], T | None]


def word_of(scalar: Scalar) -> Word:
    """Return a scalar's text with its place."""
    return Word(scalar.text, scalar.span)


def listed(words: Sequence[str]) -> str:
    """Return words in backquotes, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


def form_of(tree: Tree) -> str:
    """Name the form of a tree in the words of a rule author."""
    match tree:
        case Scalar():
            return "text"
        case Block():
            return "a block"
        case Listing():
            return "a list"


def scalar_at(tree: Tree, key: str, wanted: str, example: str, cx: Context) -> Scalar | None:
    """Return `tree` if it is text that is not empty; otherwise report what `key` wants, with an example."""
    if not isinstance(tree, Scalar):
        cx.findings.error(
            codes.WRONG_FORM, f"`{key}` is {wanted}, not {form_of(tree)}", tree.span, f"write `{key}: {example}`"
        )
        return None
    if not tree.text.strip():
        cx.findings.error(codes.EMPTY, f"`{key}` is empty", tree.span, f"write `{key}: {example}`")
        return None
    return tree


def block_at(tree: Tree, key: str, example: str, cx: Context) -> Block | None:
    """Return `tree` if it is a block; otherwise report it, with an example of what to write."""
    if isinstance(tree, Block):
        return tree
    if isinstance(tree, Scalar) and not tree.text.strip():
        cx.findings.error(codes.EMPTY, f"`{key}` is empty", tree.span, f"write `{key}: {example}`")
    else:
        cx.findings.error(
            codes.WRONG_FORM, f"`{key}` is a block, not {form_of(tree)}", tree.span, f"write `{key}: {example}`"
        )
    return None


def listing_at(tree: Tree, key: str, example: str, cx: Context) -> Listing | None:
    """Return `tree` if it is a list with at least one item; otherwise report it, with an example of what to write."""
    if isinstance(tree, Listing) and tree.items:
        return tree
    if isinstance(tree, Listing) or (isinstance(tree, Scalar) and not tree.text.strip()):
        cx.findings.error(codes.EMPTY, f"`{key}` is empty", tree.span, f"write `{key}: {example}`")
    else:
        cx.findings.error(
            codes.WRONG_FORM, f"`{key}` is a list, not {form_of(tree)}", tree.span, f"write `{key}: {example}`"
        )
    return None


def all_or_none(items: Sequence[T | None]) -> tuple[T, ...] | None:
    """Return the items if every one could be read; None otherwise (what was wrong is already reported)."""
    found = tuple(item for item in items if item is not None)
    return found if len(found) == len(items) else None


_MEANT: Final[Mapping[str, tuple[str, ...]]] = {
    "cap": ("at_most",),
    "max": ("at_most",),
    "maximum": ("at_most",),
    "limit": ("at_most",),
    "floor": ("at_least",),
    "min": ("at_least",),
    "minimum": ("at_least",),
    "default": ("otherwise",),
    "else": ("otherwise",),
    "if": ("when", "only_if"),
    "condition": ("when", "only_if", "require"),
    "requires": ("require", "needs"),
    "then": ("is",),
    "value": ("is",),
    "amount": ("is",),
    "equals": ("is",),
    "calculation": ("formula",),
    "expression": ("formula",),
    "rounding": ("round",),
    "name": ("title",),
    "label": ("title",),
    "description": ("title", "about"),
    "comment": ("about",),
    "note": ("about",),
    "notes": ("about",),
    "reference": ("source",),
    "ref": ("source",),
    "options": ("of",),
    "values": ("of",),
    "start": ("from",),
    "end": ("through",),
    "to": ("through",),
    "until": ("through",),
}
"""Words that other languages have for a key of ours: too far from it in letters, and yet what is meant is plain."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys a kind of block may have, in the order they are written in.

    `what` names the kind ("a gate"). A tuple among `order` holds keys that share a place. `elsewhere` says, for keys
    that belong to something else, what that is. Blocks that are not `ordered` may have their keys in any order.
    """

    what: str
    order: tuple[str | tuple[str, ...], ...]
    ordered: bool = True
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def places(self) -> dict[str, int]:
        """The place of every key, from 0."""
        found: dict[str, int] = {}
        for place, slot in enumerate(self.order):
            for key in (slot,) if isinstance(slot, str) else slot:
                found.setdefault(key, place)
        return found


@dataclass(frozen=True, slots=True)
class Fields:
    """A block whose keys have been checked. `place` is where a missing key is reported: its name, if it has one."""

    what: str
    block: Block
    place: Span
    cx: Context

    def has(self, key: str) -> bool:
        """Tell whether the key is written."""
        return self.block.get(key) is not None

    def key(self, key: str) -> Word:
        """Return a written key with its place.

        Raises:
            KeyError: if the key is not written; ask `has` first.
        """
        for entry in self.block:
            if entry.key.text == key:
                return word_of(entry.key)
        raise KeyError(key)

    def optional(self, key: str, reader: Reader[T]) -> T | None:
        """Read `key` if it is written."""
        tree = self.block.get(key)
        return None if tree is None else reader(tree, key, self.cx)

    def required(self, key: str, reader: Reader[T], *examples: str) -> T | None:
        """Read `key`; report it if it is not written, with examples (all of its words, where they are few)."""
        tree = self.block.get(key)
        if tree is None:
            written = either((f"{key}: {examples[0]}", *examples[1:]))
            self.error(codes.MISSING_KEY, f"{self.what} needs `{key}`", f"write {written}")
            return None
        return reader(tree, key, self.cx)

    def error(self, code: str, message: str, help: str, span: Span | None = None) -> None:
        """Report an error at `span`, or at the thing's own place."""
        self.cx.findings.error(code, message, span or self.place, help)

    def only_with(self, key: str, other: str, example: str) -> bool:
        """Report `key` written without `other`; tell whether the pair is in order."""
        if not self.has(key) or self.has(other):
            return True
        self.error(codes.EXCLUDES, f"`{key}` needs `{other}`", f"write `{other}: {example}`", self.key(key).span)
        return False

    def refuse(self, key: str, why: str, help: str) -> bool:
        """Report `key` if it is written; tell whether it was."""
        if self.has(key):
            self.error(codes.EXCLUDES, f"`{key}` {why}", help, self.key(key).span)
            return True
        return False


def open_fields(block: Block, keys: Keys, place: Span, cx: Context) -> Fields:
    """Check the keys of a block: report every unknown one with the nearest known, and every one out of order."""
    places = keys.places
    known: list[Entry] = []
    for entry in block:
        if entry.key.text in places:
            known.append(entry)
        else:
            report_unknown(entry.key, keys, tuple(places), cx)
    if keys.ordered:
        _check_order(known, places, cx)
    return Fields(keys.what, block, place, cx)


def report_unknown(key: Scalar, keys: Keys, candidates: Sequence[str], cx: Context) -> None:
    """Report a key that is not one of `candidates`, and say what to write instead."""
    message = f"`{key.text}` is not a key of {keys.what}"
    owner = keys.elsewhere.get(key.text)
    meant = [word for word in _MEANT.get(key.text.lower(), ()) if word in candidates]
    near = meant[0] if meant else nearest(key.text, candidates)
    if owner is not None:
        help = f"remove `{key.text}`: it belongs to {owner}"
    elif near is not None:
        help = f"write `{near}`"
    else:
        help = f"write one of {listed(candidates)}"
    cx.findings.error(codes.UNKNOWN_KEY, message, key.span, help)


def _check_order(entries: Sequence[Entry], places: Mapping[str, int], cx: Context) -> None:
    """Report the fewest keys that must move for the order to be right, and where each goes."""
    kept = _longest_in_order([places[entry.key.text] for entry in entries])
    written = sorted((entry.key.text for entry in entries), key=lambda key: places[key])
    for index, entry in enumerate(entries):
        if index in kept:
            continue
        key = entry.key.text
        before = [other for other in written if places[other] < places[key]]
        later = [other for other in written if places[other] > places[key]]
        where = f"after `{before[-1]}`" if before else f"before `{later[0]}`"
        cx.findings.error(codes.KEY_ORDER, f"`{key}` stands out of order", entry.key.span, f"move `{key}` {where}")


def _longest_in_order(places: Sequence[int]) -> frozenset[int]:
    """Return the indices of the longest run of places that never fall; of two, the one that keeps later entries."""
    best: list[tuple[int, ...]] = []
    for index in reversed(range(len(places))):
        tails = [run for run in best if places[run[0]] >= places[index]]
        longest: tuple[int, ...] = max(tails, key=len, default=())
        best.append((index, *longest))
    longest_of_all: tuple[int, ...] = max(best, key=len, default=())
    return frozenset(longest_of_all)
