"""How units combine: the table of `docs/language.md`, section Types."""

from __future__ import annotations

from vbc_rules.language.types import COUNT, NUMBER, NUMBER_FAMILY, PERCENT, RATIO, Type


def join(left: Type, right: Type) -> Type | None:
    """Return the type of two things side by side (added, compared, given by two branches); None if they cannot be."""
    if left == right:
        return left
    kinds = {left.kind, right.kind}
    if left.kind == right.kind == "category":
        return Type("category", tuple(dict.fromkeys((*left.options, *right.options))))
    if kinds <= NUMBER_FAMILY:
        return NUMBER
    if "ratio" in kinds:
        other = right if left.kind == "ratio" else left
        if other.kind in NUMBER_FAMILY:
            return NUMBER
        return PERCENT if other.kind == "percent" else None
    if kinds <= {"identifier", "text"}:
        return Type("text")
    if kinds <= {"identifier", "text", "category"}:
        return left if left.kind == "category" else right
    return None


def product(left: Type, right: Type) -> Type | None:
    """Return the type of `left * right`; None where the product has no meaning (money * money).

    A percent times a number is a ratio: a number, or a percent where its place wants one.
    """
    kinds = (left.kind, right.kind)
    if not (left.is_numeric and right.is_numeric) or kinds == ("money", "money"):
        return None
    if "money" in kinds:
        return left if left.kind == "money" else right
    if kinds == ("percent", "percent"):
        return PERCENT
    if "percent" in kinds and "ratio" in kinds:
        return PERCENT
    if "percent" in kinds or "ratio" in kinds:
        return RATIO
    return COUNT if kinds == ("count", "count") else join(left, right)


def share(left: Type, right: Type) -> Type | None:
    """Return the type of `left of right`: that of `right`; None unless a percent stands on the left.

    A part of a count is a number: it need not be whole.
    """
    if left.kind not in ("percent", "ratio") or not right.is_numeric:
        return None
    return NUMBER if right.kind == "count" else right


def quotient(left: Type, right: Type) -> Type | None:
    """Return the type of `left / right`; None where it has no meaning (number / money)."""
    if not (left.is_numeric and right.is_numeric):
        return None
    if left.kind == right.kind or (left.kind in NUMBER_FAMILY and right.kind in NUMBER_FAMILY):
        return RATIO
    if right.kind in NUMBER_FAMILY or right.kind == "ratio":
        return left
    if right.kind == "percent":
        return RATIO if left.kind == "ratio" else left
    return None


def settle(found: Type, wanted: Type | None) -> Type | None:
    """Return the type of a value whose shape gives `found` and whose file wants `wanted`; None if they disagree.

    A ratio becomes what is wanted, a number if nothing is.
    """
    if wanted is None:
        return NUMBER if found.kind == "ratio" else found
    if found.kind == "ratio":
        return wanted if wanted.kind == "percent" or wanted.kind in NUMBER_FAMILY else None
    if found.kind in NUMBER_FAMILY and wanted.kind in NUMBER_FAMILY:
        return wanted
    if wanted.kind == "category" and found.kind == "category":
        return found
    return wanted if join(found, wanted) is not None and found.kind != "category" else None
