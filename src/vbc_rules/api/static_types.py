"""A program's inputs as the source of a Python module, so that a type checker finds a misspelt field or a float."""

from __future__ import annotations

import json
import keyword
import textwrap
from collections.abc import Callable, Mapping
from typing import Final

from vbc_rules.plan.layout import Field, Layout
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.program import Program
from vbc_rules.run.reading.cells import may_be_absent
from vbc_rules.run.reading.numbers import shown
from vbc_rules.run.reading.shape import FieldEntry, GroupEntry, Node, make_shape

_WIDTH: Final = 120
_INDENT: Final = "    "
# Names that the classes themselves need.
_TAKEN: Final = frozenset({"bool", "datetime", "dict", "int", "object", "self", "str", "to_inputs", "tuple"})
_CLASSES_TAKEN: Final = frozenset({"Absent", "Cohort", "Decimal", "Inputs", "Literal", "Parameters"})


def static_module(
    program: Program, layout: Layout, *, content_hash: str, roots: Mapping[str, Layout] | None = None
) -> str:
    """Return the source of a module with one frozen dataclass per level: Inputs, and what it nests.

    `Inputs(..).to_inputs()` is the mapping that the program evaluates; where the program has them, `Cohort` and
    `Parameters` are the cohort's inputs and the required parameters. With `roots`, the layouts of a cohort's rows,
    there is a class for the rows of each level of groups that has inputs. Quantities are `Decimal` (counts `int`),
    categories are `Literal`, `Absent` stands only where an absence is permitted. The same program gives the same text.
    Raises ValueError where two things given together go by one name.
    """
    shape = make_shape(layout, program)
    module = _Module(program)
    if shape.parameters.fields:
        module.add(shape.parameters, "Parameters", "The required parameters.")
    cohort = shape.cohort if roots is None else make_shape(roots[COHORT], program).inputs
    if cohort.keys:
        module.add(cohort, "Cohort", "What is given for the whole cohort.")
    for name, of_root in (roots or {}).items():
        level = program.levels[name]
        if level.kind == "groups" and len(of_root.fields) > len(level.by):
            about = f"What is given for one {module.title(name)}."
            module.add(make_shape(of_root, program).inputs, module.class_name(name), about)
    module.add(shape.inputs, "Inputs", f"The inputs of one {program.participant.replace('_', ' ')}.")
    return module.text(content_hash)


class _Module:
    """Classes in the order in which they are needed; used once."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._classes: list[str] = []
        self._names: list[str] = []

    def add(self, node: Node, name: str, about: str) -> str:
        """Add the class of a node after those it nests; return its name."""
        annotated: list[tuple[str, str, list[str], str]] = []
        writes: list[tuple[str, str, bool]] = []
        for entry in node.fields:
            attribute, optional = _attribute(entry.key), _may_be_left_out(entry.field)
            default = " = None" if optional else ""
            annotated.append((attribute, _annotation(entry.field), _docs(entry), default))
            writes.append((entry.key, f"self.{attribute}", optional))
        for group in node.groups:
            attribute = _attribute(group.key)
            annotated.append((attribute, self._group(group), [], ""))
            writes.append((group.key, f"self.{attribute}.to_inputs()", False))
        for listed in node.lists:
            attribute = _attribute(listed.key)
            one = self.add(listed.item, self.class_name(listed.key), f"One {self.title(listed.key)}.")
            docs = [f"At most {listed.at_most}."]
            annotated.append((attribute, f"tuple[{one}, ...]", docs, ""))
            writes.append((listed.key, f"[item.to_inputs() for item in self.{attribute}]", False))
        self._write(name, about, annotated, writes)
        return name

    def _group(self, group: GroupEntry) -> str:
        title = self.title(group.key)
        one = self.add(group.members[0][1], self.class_name(group.key), f"What is given for one {title}.")
        level = self._program.levels[group.key]
        titles = {member.name: member.title for member in level.members}
        name = self.class_name(f"{group.key}_members")
        self._write(
            name,
            f"Every {title}.",
            [(_attribute(member), one, [_sentence(titles[member])], "") for member, _ in group.members],
            [(member, f"self.{_attribute(member)}.to_inputs()", False) for member, _ in group.members],
        )
        return name

    def title(self, level: str) -> str:
        """Return a level's title as it can stand in a docstring."""
        return _plain(self._program.levels[level].title or level.replace("_", " "))

    def class_name(self, level: str) -> str:
        """Return the name of a new class for a level."""
        name = "".join(part.capitalize() for part in level.split("_"))
        while name in _CLASSES_TAKEN or name in self._names:
            name += "Level"
        self._names.append(name)
        return name

    def _write(
        self,
        name: str,
        about: str,
        annotated: list[tuple[str, str, list[str], str]],
        writes: list[tuple[str, str, bool]],
    ) -> None:
        lines = ["@dataclass(frozen=True, slots=True, kw_only=True, repr=False)", f"class {name}:"]
        lines += [*_docstring([about], _INDENT), ""]
        for attribute, annotation, docs, default in annotated:
            lines += _declared(attribute, annotation, default)
            lines += _docstring(docs, _INDENT) if docs else []
        lines += ["", f"{_INDENT}def to_inputs(self) -> dict[str, object]:"]
        lines.append(f'{_INDENT * 2}"""Return this as the mapping that the program takes."""')
        optional = [(key, value) for key, value, left_out in writes if left_out]
        lines.append(f"{_INDENT * 2}{'found: dict[str, object] =' if optional else 'return'} {{")
        lines += [f"{_INDENT * 3}{_text(key)}: {value}," for key, value, left_out in writes if not left_out]
        lines.append(f"{_INDENT * 2}}}")
        for key, value in optional:
            lines += [f"{_INDENT * 2}if {value} is not None:", f"{_INDENT * 3}found[{_text(key)}] = {value}"]
        if optional:
            lines.append(f"{_INDENT * 2}return found")
        self._classes.append("\n".join(lines))

    def text(self, content_hash: str) -> str:
        """Return the whole module."""
        document = self._program.document
        program = f"{document.program.text}@{document.edition.text}"
        body = "\n\n\n".join(self._classes)
        head = [
            f'"""The inputs of {_plain(program)}.',
            "",
            *textwrap.wrap(_sentence(document.title), _WIDTH),
            f"Content hash: {content_hash}",
            '"""',
            "",
            "# Generated by `vbc-rules types`; generate it again instead of changing it.",
            "",
            "from __future__ import annotations",
            "",
        ]
        if "datetime.date" in body:
            head.append("import datetime")
        head.append("from dataclasses import dataclass")
        head += ["from decimal import Decimal"] if "Decimal" in body else []
        head += ["from typing import Literal"] if "Literal[" in body else []
        head += ["", "from vbc_rules.language.absence import Absent"] if "Absent" in body else []
        return "\n".join(head) + "\n\n\n" + body + "\n"


def _attribute(key: str) -> str:
    if not key.isidentifier() or key.startswith("_"):
        return f"value_{key}"
    return f"{key}_" if keyword.iskeyword(key) or key in _TAKEN else key


def _may_be_left_out(field: Field) -> bool:
    return field.domain is None or (field.input is not None and field.input.only_if is not None)


def _annotation(field: Field) -> str:
    match field.type.kind:
        case "yes_no":
            one = "bool"
        case "date":
            one = "datetime.date"
        case "count":
            one = "int"
        case "category" | "direction":
            one = f"Literal[{', '.join(map(_text, field.type.options or ('higher', 'lower')))}]"
        case "identifier" | "text":
            one = "str"
        case _:
            one = "Decimal"
    return one + (" | Absent" if may_be_absent(field) else "") + (" | None" if _may_be_left_out(field) else "")


def _declared(attribute: str, annotation: str, default: str) -> list[str]:
    line = f"{_INDENT}{attribute}: {annotation}{default}"
    if len(line) <= _WIDTH or not annotation.startswith("Literal["):
        return [line]
    inside, _, after = annotation.removeprefix("Literal[").rpartition("]")
    options = [f"{_INDENT * 2}{option}," for option in inside.split(", ")]
    return [f"{_INDENT}{attribute}: Literal[", *options, f"{_INDENT}]{after}{default}"]


def _docs(entry: FieldEntry) -> list[str]:
    """Return the sentences about a field: its title, what it is, what it may hold."""
    given, domain = entry.field.input, entry.field.domain
    if domain is None:
        return ["The identifier, kept as it is; None in an evaluation that needs none."]
    found = [_sentence((given.title if given is not None else "") or entry.key.replace("_", " "))]
    if given is not None and given.about:
        found.append(_sentence(given.about))
    if domain.type.kind == "percent":
        found.append("A fraction: Decimal('0.05') is 5%.")
    if domain.low is not None and domain.high is not None:
        found.append(f"From {shown(domain.low, domain)} to {shown(domain.high, domain)}.")
    if given is not None and given.only_if is not None:
        found.append("None where it is not expected.")
    if reasons := may_be_absent(entry.field):
        found.append(f"May be absent: {', '.join(reasons)}.")
    return found


def _docstring(sentences: list[str], indent: str) -> list[str]:
    """Return a docstring: on one line where it fits, else its first sentence alone and the rest below."""
    line = f'{indent}"""{" ".join(sentences)}"""'
    if len(line) <= _WIDTH:
        return [line]
    fill: Callable[[str], list[str]] = textwrap.TextWrapper(
        width=_WIDTH - 10, initial_indent=indent, subsequent_indent=indent, break_long_words=False
    ).wrap
    first, *more = fill(sentences[0])
    rest = fill(" ".join([*(part.strip() for part in more), *sentences[1:]]))
    return [f'{indent}"""{first.strip()}', "", *rest, f'{indent}"""']


def _sentence(text: str) -> str:
    plain = _plain(text)
    plain = plain[:1].upper() + plain[1:]
    return plain if plain.endswith((".", "!", "?")) else f"{plain}."


def _plain(text: str) -> str:
    """Return text that can stand in a docstring."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
