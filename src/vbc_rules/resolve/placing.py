"""Where a guarantee stands: on which level its names are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vbc_rules.language import syntax
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.formulas import Lowering
from vbc_rules.resolve.naming import as_word
from vbc_rules.resolve.program import Level
from vbc_rules.resolve.scope import Scope


@dataclass(frozen=True, slots=True)
class Placing:
    """Finds the level of a guarantee; `scope` is seen from the participant."""

    scope: Scope
    lowering: Lowering
    levels: Mapping[str, Level]

    def level_of(self, node: syntax.Expression) -> str:
        """Return the level of the names of a guarantee; where all are gathered, the lowest they all lie in."""
        waiting: list[syntax.Expression] = [node]
        names: list[syntax.Name] = []
        gathers: list[syntax.Name] = []
        while waiting:
            here = waiting.pop()
            if isinstance(here, syntax.Name):
                names.append(here)
            elif isinstance(here, syntax.Aggregate):
                gathers.append(here.subject)
            else:
                waiting.extend(inner for inner in syntax.children(here) if not self._is_word_beside(inner, here))
        candidates: list[tuple[bool, bool, int, str]] = []
        for level in self.levels:
            scope = self.scope.at(level)
            refs = [scope.find(name.parts).refs for name in names]
            known = [found for found in refs if found]
            gathered = [scope.find_gathered(name.parts) for name in gathers]
            if not all(any(within == level for _, within in found) for found in gathered):
                continue
            if any(len(found) != 1 for found in known) or len(known) < self._most_names_known(names):
                continue
            own = any(found[0].level == level for found in known)
            is_bare = any(found[0].level != "" for found in known)
            if own or not is_bare:
                lies_in = all(self._lies_in(what, level) for found in gathered for what, _ in found)
                candidates.append((own, lies_in, len(self.scope.above(level)), level))
        own, _, _, best = max(candidates, default=(False, False, 0, self.scope.level))
        return best if own or gathers else self.scope.level

    def _is_word_beside(self, node: syntax.Expression, comparison: syntax.Expression) -> bool:
        """Whether a name stands for a word of the category it is compared with, even where a level is called so."""
        match comparison:
            case syntax.Comparison(ops=("=" | "!=",), operands=operands):
                others = [operand for operand in operands if operand is not node]
            case syntax.In(subject=subject) if subject is not node:
                others = [subject]
            case _:
                return False
        word = as_word(node)
        kinds = [self.lowering.at(level).peek(other) for level in self.levels for other in others]
        return word is not None and any(kind is not None and word in kind.options for kind in kinds)

    def _lies_in(self, what: Ref | str, level: str) -> bool:
        """Whether something gathered lies in `level`, and is not only in groups of it."""
        here: str | None = what if isinstance(what, str) else what.level
        while here is not None and here != level:
            here = self.levels[here].parent
        return here is not None

    def _most_names_known(self, names: list[syntax.Name]) -> int:
        """Return how many of the names some level can read; the others are words of categories."""
        return max(sum(bool(self.scope.at(level).find(name.parts).refs) for name in names) for level in self.levels)
