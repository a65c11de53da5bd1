"""The valid name closest to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_EDITS = 3


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate closest to `word`, or None if none is near.

    Near is one letter added, dropped, changed or two neighbours swapped, and one more such edit for words of six and of
    nine letters; upper and lower case count as the same. Of several equally near, the one with the same first letter
    is taken, then the nearest length, then the first in the alphabet, in whatever order they come.
    """
    folded = word.casefold()
    limit = min(_MOST_EDITS, max(1, len(folded) // 3))
    letters = set(folded)
    best: tuple[int, bool, bool, int, str] | None = None
    for candidate in candidates:
        if abs(len(candidate) - len(word)) > 2 * limit:
            continue  # few letters change their number when case is put aside
        other = candidate.casefold()
        if len(letters.symmetric_difference(other)) > 2 * limit:
            continue  # an edit brings in one other letter and takes out one at most
        distance = _edits(folded, other, limit)
        if distance > limit or (distance and distance >= max(len(folded), len(other))):
            continue
        rank = (distance, candidate != word, other[:1] != folded[:1], abs(len(other) - len(folded)), candidate)
        if best is None or rank < best:
            best = rank
    return best[4] if best else None


def differs_by_one_letter(word: str, other: str) -> bool:
    """Return whether one letter added, dropped, changed, or two neighbours swapped, makes one word of the other."""
    return word != other and _edits(word, other, 1) == 1


def _edits(a: str, b: str, limit: int) -> int:
    """Return the Damerau-Levenshtein distance (neighbours swapped once) of two words, or `limit + 1` if it is more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    if a == b:
        return 0
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        following = [i]
        for j, other in enumerate(b, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        # A swap reaches back two rows, so both must be past the limit before the rest can be given up.
        if min(following) > limit and min(row) > limit:
            return limit + 1
        before, row = row, following
    return min(row[-1], limit + 1)
