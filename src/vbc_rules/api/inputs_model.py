"""A program's inputs as a pydantic model, for services: validation at the door and a JSON schema.

What a field takes is what the reader of rows takes, decided by the same code. pydantic is imported only when a model is
made: the library itself does without it.
"""

from __future__ import annotations

import datetime
import keyword
from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Annotated, Any, Final

from vbc_rules.errors import Code
from vbc_rules.language.absence import Absent
from vbc_rules.plan.layout import Field, Layout
from vbc_rules.resolve.program import Program
from vbc_rules.run.reading.cells import MAX_TEXT, cell_reader, may_be_absent
from vbc_rules.run.reading.numbers import Refused, exact_context, shown
from vbc_rules.run.reading.shape import GroupEntry, ListEntry, Node, make_shape

if TYPE_CHECKING:
    from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

_FALLBACK: Final = "value"


def make_inputs_model(program: Program, layout: Layout) -> type[BaseModel]:
    """Return the model of one participant's inputs, nested as `Reader.read` takes them.

    Frozen; a name it does not have is refused; a quantity is a Decimal made from text, Decimal or a whole number, never
    from a float (so a JSON number with a point is refused: write it as a string); an absence is an `Absent`, written in
    JSON as `{"absent": reason}`. What is expected only under a condition, and the participant's identifier, are None
    where not given. Neither its repr nor messages show values, but `errors()` of a ValidationError holds them: pass
    `include_input=False` to keep them out of logs. Raises ValueError where two things given together go by one name.
    """
    model = _model(make_shape(layout, program).inputs, program, "Inputs")
    model.__doc__ = f"The inputs of one {program.participant} for {program.document.title}."
    return model


def make_root_model(program: Program, layout: Layout) -> type[BaseModel]:
    """Return the model of a group's inputs (with the names that groups go by), or of the cohort's.

    Otherwise as `make_inputs_model`.
    """
    level = program.levels[layout.level]
    model = _model(make_shape(layout, program).inputs, program, class_name(level.name))
    whose = "the cohort" if level.kind == "cohort" else f"one {level.title}"
    model.__doc__ = f"The inputs of {whose} for {program.document.title}."
    return model


def to_inputs(model: BaseModel) -> dict[str, object]:
    """Return the model as the mapping that `Reader.read` takes; what was not given is left out."""
    found: dict[str, object] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if value is not None:
            found[field.alias or name] = _plain(value)
    return found


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    # Any model here is one of ours; asking so does not import pydantic.
    return to_inputs(value) if hasattr(type(value), "model_fields") else value  # type: ignore[arg-type]


def class_name(level: str) -> str:
    """Return a level's name as a class is named: `cqi_taken_part` is CqiTakenPart."""
    return "".join(part.capitalize() for part in level.split("_"))


def _model(node: Node, program: Program, name: str) -> type[BaseModel]:
    from pydantic import ConfigDict, create_model  # noqa: PLC0415 (only who wants a model pays for it)
    from pydantic import Field as Described  # noqa: PLC0415 (as above)

    fields: dict[str, Any] = {}
    titles = {level.name: level.title for level in program.levels.values()}

    def add(key: str, annotation: object, *, title: str, about: str = "", required: bool = True) -> None:
        attribute = _attribute(key)
        described = Described(
            ... if required else None,
            title=title,
            description=about or None,
            alias=None if attribute == key else key,
            repr=False,  # a value never stands in a repr
        )
        fields[attribute] = (annotation, described)

    for entry in node.fields:
        given = entry.field.input
        title = (given.title if given is not None else "") or entry.key.replace("_", " ")
        needed = entry.field.domain is not None and (given is None or given.only_if is None)
        about = given.about if given is not None else ""
        add(entry.key, Annotated[Any, _Cell(entry.field, needed)], title=title, about=about, required=needed)
    for group in node.groups:
        add(group.key, _group(group, program), title=titles[group.key])
    for listed in node.lists:
        add(listed.key, _items(listed, program), title=titles[listed.key])
    settings = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, protected_namespaces=())
    return create_model(name, __config__=settings, **fields)


def _group(group: GroupEntry, program: Program) -> type[BaseModel]:
    from pydantic import ConfigDict, create_model  # noqa: PLC0415 (as above)
    from pydantic import Field as Described  # noqa: PLC0415 (as above)

    one = _model(group.members[0][1], program, class_name(group.key))
    titles = {member.name: member.title for member in program.levels[group.key].members}
    fields: dict[str, Any] = {}
    for name, _ in group.members:
        attribute = _attribute(name)
        alias = None if attribute == name else name
        fields[attribute] = (one, Described(..., title=titles[name], alias=alias))
    settings = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, protected_namespaces=())
    return create_model(f"{class_name(group.key)}Members", __config__=settings, **fields)


def _items(listed: ListEntry, program: Program) -> object:
    from pydantic import AfterValidator  # noqa: PLC0415 (as above)
    from pydantic import Field as Described  # noqa: PLC0415 (as above)

    item = _model(listed.item, program, class_name(listed.key))
    unique = listed.unique
    if unique is None:
        return Annotated[tuple[item, ...], Described(max_length=listed.at_most)]  # type: ignore[valid-type]
    attribute = _attribute(unique)

    def told_apart(items: tuple[BaseModel, ...]) -> tuple[BaseModel, ...]:
        keys = [key for one in items if not isinstance(key := getattr(one, attribute), Absent)]
        if len(set(keys)) != len(keys):
            from pydantic_core import PydanticCustomError  # noqa: PLC0415 (as above)

            raise PydanticCustomError("VBC910", f"two items have the same {unique}; give each item its own")
        return items

    return Annotated[tuple[item, ...], Described(max_length=listed.at_most), AfterValidator(told_apart)]  # type: ignore[valid-type]


def _attribute(key: str) -> str:
    """Return the attribute for a name: the name itself where a model can have it."""
    from pydantic import BaseModel  # noqa: PLC0415 (as above)

    if not key.isidentifier() or key.startswith("_"):
        return f"{_FALLBACK}_{key}"
    return f"{key}_" if keyword.iskeyword(key) or hasattr(BaseModel, key) else key


class _Cell:
    """How pydantic reads, writes and describes one field."""

    def __init__(self, field: Field, needed: bool) -> None:  # noqa: FBT001 (one private use)
        self._field = field
        self._needed = needed
        self._read = cell_reader(field, "refuse")

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # noqa: PLC0415 (as above)

        writing = core_schema.plain_serializer_function_ser_schema(self._write, info_arg=True)
        return core_schema.no_info_plain_validator_function(self._validate, serialization=writing)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, object]:
        forms = _json_forms(self._field)
        reasons = list(may_be_absent(self._field))
        if reasons:
            absent = {"type": "object", "properties": {"absent": {"enum": reasons}}}
            forms.append({**absent, "required": ["absent"], "additionalProperties": False})
        if not self._needed:
            forms.append({"type": "null"})
        found: dict[str, object] = {"anyOf": forms} if len(forms) > 1 else dict(forms[0])
        domain = self._field.domain
        if domain is not None and (domain.low is not None or domain.high is not None):
            ends = {"at_least": domain.low, "at_most": domain.high}
            found["x-range"] = {word: shown(end, domain) for word, end in ends.items() if end is not None}
        if domain is not None and domain.type.is_numeric:
            found["x-decimals"] = domain.decimals
        return found

    def _validate(self, value: object) -> object:
        if value is None and not self._needed:
            return None
        with localcontext(exact_context()):
            try:
                cell = self._read(value)
            except Refused as refused:
                from pydantic_core import PydanticCustomError  # noqa: PLC0415 (as above)

                # A message is a template to pydantic, and ours may show braces.
                message = refused.message
                if refused.code == Code.BINARY_FLOAT:
                    # A model takes no floats however the program was loaded.
                    message = f"is a binary float, which cannot carry exact digits; {_as_text(self._field)}"
                raise PydanticCustomError(refused.code, "{message}", {"message": message}) from None
            if isinstance(cell, Absent | str | bool):
                return cell
            if self._field.type.kind == "date":
                return datetime.date.fromordinal(cell)
            return Decimal(cell).scaleb(-self._field.scale)

    def _write(self, value: object, info: Any) -> object:  # noqa: ANN401 (pydantic's own, differing by version)
        if isinstance(value, Absent):
            return {"absent": value.reason}
        if info.mode != "json" or value is None or isinstance(value, str | bool):
            return value
        if isinstance(value, datetime.date):
            return value.isoformat()
        if not isinstance(value, Decimal):
            return value
        if self._field.type.kind == "percent":
            with localcontext(exact_context()):
                return f"{value.scaleb(2):f}%"
        return f"{value:f}"


def _as_text(field: Field) -> str:
    example = "77.5%" if field.type.kind == "percent" else "1234.50"
    return f'write it as text, such as `"{example}"`'


def _json_forms(field: Field) -> list[dict[str, object]]:
    """Return the JSON forms that a present value may have."""
    number = r"-?(([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?|\.[0-9]+)"
    match field.type.kind:
        case "percent":
            return [{"type": "string", "pattern": f"^{number}%$"}]
        case "yes_no":
            return [{"type": "boolean"}, {"enum": ["yes", "no"]}]
        case "category" | "direction":
            return [{"enum": list(field.type.options or ("higher", "lower"))}]
        case "date":
            return [{"type": "string", "format": "date"}]
        case "text":
            return [{"type": "string", "maxLength": MAX_TEXT}]
        case "identifier":
            return [{"type": "string", "minLength": 1, "maxLength": MAX_TEXT}]
        case kind:
            pattern = f"^{number}$" if kind != "money" else f"^{number.replace('-?', '-?[$]?', 1)}$"
            whole: dict[str, object] = {"type": "integer"}
            domain = field.domain
            if domain is not None:
                ends: dict[str, Callable[[], int]] = {}
                if domain.low is not None and not isinstance(domain.low, datetime.date):
                    ends["minimum"] = domain.low.__ceil__
                if domain.high is not None and not isinstance(domain.high, datetime.date):
                    ends["maximum"] = domain.high.__floor__
                whole.update({word: end() for word, end in ends.items()})
            return [{"type": "string", "pattern": pattern}, whole]
