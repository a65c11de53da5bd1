"""JSON read strictly: numbers from their literal text, no name twice in an object, nothing that is not JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import NoReturn, TypeAlias

from vbc_rules.frames import codes
from vbc_rules.frames.cells import CellError, plain_number
from vbc_rules.frames.problems import Problems
from vbc_rules.language.absence import Absent


@dataclass(frozen=True, slots=True)
class Literal:
    """A number as it is written in the file."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Object:
    """An object's names and values in the order written; a name may stand there twice."""

    pairs: tuple[tuple[str, Json], ...] = field(repr=False)


Json: TypeAlias = "str | bool | Literal | Object | list[Json] | None"
Plain: TypeAlias = "str | bool | Decimal | Absent | dict[str, Plain] | list[Plain]"


class _NotJsonError(ValueError):
    pass


def _refuse(_: str) -> NoReturn:
    raise _NotJsonError


def load(path: Path, problems: Problems) -> Json:
    """Return a file's content; None after having reported why it cannot be read (or where it is only `null`)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        found: Json = json.loads(
            text,
            parse_float=Literal,
            parse_int=Literal,
            parse_constant=_refuse,
            object_pairs_hook=lambda pairs: Object(tuple(pairs)),
        )
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else "it cannot be read"
        problems.break_off(codes.FILE, f"{path.name} cannot be opened: {why}")
    except UnicodeDecodeError:
        problems.break_off(codes.FILE, f"{path.name} is not utf-8 text; save it so")
    except json.JSONDecodeError as error:
        problems.break_off(codes.FILE, f"{path.name} is not JSON: line {error.lineno}, column {error.colno}")
    except _NotJsonError:
        problems.break_off(codes.FILE, f"{path.name} has NaN or Infinity, which are no numbers of JSON")
    except RecursionError:
        problems.break_off(codes.FILE, f"{path.name} nests its objects too deeply")
    else:
        return found
    return None


def participants(path: Path, problems: Problems) -> Iterator[tuple[int, dict[str, Plain] | None]]:
    """Yield each participant's number (from 1) and what is given of it; None where its problems were reported."""
    for number, item in _items(path, problems):
        before = problems.total
        found = None if item is None else _plain(item, "", number, problems)
        yield number, found if isinstance(found, dict) and problems.total == before else None


def one_object(path: Path, problems: Problems) -> dict[str, Plain] | None:
    """Return the names and values of a file that holds one object; None after having reported what is wrong."""
    found = load(path, problems)
    if problems.broken_off:
        return None
    if not isinstance(found, Object):
        problems.break_off(codes.FILE, f"{path.name} is not an object; write names and values inside `{{` and `}}`")
        return None
    before = problems.total
    named = _named(found.pairs, "", None, problems)
    return named if problems.total == before else None


def flat_rows(path: Path, problems: Problems) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield (0, names), then each object's number and its values as text, as if the file were a CSV file."""
    columns: tuple[str, ...] = ()
    for number, item in _items(path, problems):
        values = None if item is None else _row(item, number, problems)
        if values is None:
            continue
        if not columns:
            columns = tuple(values)
            yield 0, columns
        if values.keys() != set(columns):
            problems.add(codes.RAGGED, "", f"{path.name} has other names in this object than in the first", number)
            continue
        yield number, [values[column] for column in columns]


def _items(path: Path, problems: Problems) -> Iterator[tuple[int, Object | None]]:
    found = load(path, problems)
    if problems.broken_off:
        return
    if not isinstance(found, list):
        problems.break_off(codes.FILE, f"{path.name} is not a list; write one object a row inside `[` and `]`")
        return
    if not found:
        problems.break_off(codes.FILE, f"{path.name} is empty; write one object a row")
        return
    for number, item in enumerate(found, 1):
        if not isinstance(item, Object):
            problems.add(codes.UNREADABLE, "", "is not an object; write names and values inside `{` and `}`", number)
        yield number, item if isinstance(item, Object) else None


def _row(item: Object, number: int, problems: Problems) -> Mapping[str, str] | None:
    values: dict[str, str] = {}
    before = problems.total
    for name, value in item.pairs:
        if name in values:
            problems.add(codes.REPEATED_KEY, name, "is written twice in one object; remove one of the two", number)
        match value:
            case Literal(text):
                values[name] = text
            case bool():
                values[name] = "yes" if value else "no"
            case str():
                values[name] = value
            case None:
                values[name] = ""
            case _:
                values[name] = ""
                problems.add(codes.UNREADABLE, name, "is a list or an object; write one value", number)
    return values if problems.total == before else None


def _plain(value: Json, where: str, number: int | None, problems: Problems) -> Plain | None:
    match value:
        case str() | bool():
            return value
        case Literal(text):
            try:
                return Decimal(plain_number(text))
            except CellError as error:
                problems.add(error.code, where, error.message, number)
                return None
        case None:
            problems.add(
                codes.EMPTY_CELL,
                where,
                'is null; write a value, or the absence as in `{"absent": "not_reported"}`',
                number,
            )
            return None
        case list():
            found = [_plain(item, f"{where}[{place}]", number, problems) for place, item in enumerate(value, 1)]
            return [item for item in found if item is not None]
        case Object(pairs):
            if len(pairs) == 1 and pairs[0][0] == "absent" and isinstance(pairs[0][1], str):
                return Absent(pairs[0][1])
            return _named(pairs, where, number, problems)


def _named(pairs: tuple[tuple[str, Json], ...], where: str, number: int | None, problems: Problems) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    seen: set[str] = set()
    for name, item in pairs:
        place = f"{where}.{name}" if where else name
        if name in seen:
            problems.add(codes.REPEATED_KEY, place, "is written twice in one object; remove one of the two", number)
        seen.add(name)
        plain = _plain(item, place, number, problems)
        if plain is not None:
            found[name] = plain
    return found
