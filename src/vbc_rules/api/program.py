"""A program as callers hold it: loaded once, evaluated as often as wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, get_args

from vbc_rules.api.loading import compile_bytes, open_source
from vbc_rules.api.result import Result
from vbc_rules.check.scales import Grids
from vbc_rules.errors import Code, EvaluationError, InputError, UsageError
from vbc_rules.language.numerals import decimals_of
from vbc_rules.plan.layout import Path, Row, paths_under
from vbc_rules.plan.plan import Plan
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Definition
from vbc_rules.resolve.program import Program as Resolved
from vbc_rules.run.oracle import evaluate as evaluate_by_oracle
from vbc_rules.run.reading import Floats, Reader, compile_reader
from vbc_rules.run.scalar import ScalarEngine, compile_scalar
from vbc_rules.run.trace import Trace
from vbc_rules.source.diagnostic import Diagnostic
from vbc_rules.source.nearest import nearest

if TYPE_CHECKING:
    from pydantic import BaseModel

Given: TypeAlias = "Mapping[str, object]"
Engine: TypeAlias = Literal["scalar", "oracle"]


class Typed(Protocol):
    """Inputs of the classes that `vbc-rules types` writes."""

    def to_inputs(self) -> dict[str, object]:
        """Return this as the mapping that the program takes."""
        ...


def load(
    source: str | FilePath, *, parameters: Mapping[str, object] | None = None, floats: Floats = "refuse"
) -> Program:
    """Return a program ready to evaluate: a packaged one by name, or a rule file by path.

    `source` is `bcbsm/hospital-p4p/pg1-4@2021` or a path that ends in .yaml. `parameters` are the parameters the file
    requires from whoever runs it, for every evaluation (they can also be given with each). `floats="shortest"` takes a
    binary float by its shortest text of at most 15 digits; otherwise floats are refused.

    Raises RuleFileError with every finding in the file, UsageError where there is no such program or file, and for
    other words than these.
    """
    data, name = open_source(source)
    return Program(data, name, parameters=parameters, floats=floats)


class Program:
    """A checked rule file, compiled. Immutable, hashable by content, safe to share among threads and to pickle."""

    __slots__ = ("__dict__", "_data", "_engine", "_floats", "_given", "_name", "_plan", "_reader", "warnings")

    _data: bytes
    _name: str
    _plan: Plan
    _given: Given
    _floats: Floats
    _reader: Reader
    _engine: ScalarEngine
    warnings: tuple[Diagnostic, ...]
    """What was found in the file that is no error."""

    def __init__(
        self, data: bytes, name: str, *, parameters: Mapping[str, object] | None = None, floats: Floats = "refuse"
    ) -> None:
        """Compile the bytes of a rule file known as `name`; see `load`."""
        if floats not in get_args(Floats):
            raise UsageError(Code.USAGE, "`floats` is one of two words; write 'refuse' or 'shortest'")
        plan, warnings = compile_bytes(data, name)
        set_ = object.__setattr__
        set_(self, "_data", data)
        set_(self, "_name", name)
        set_(self, "_plan", plan)
        set_(self, "warnings", warnings)
        set_(self, "_floats", floats)
        set_(self, "_given", dict(parameters or {}))
        set_(self, "_reader", compile_reader(plan.layout, plan.program, floats=floats))
        set_(self, "_engine", compile_scalar(plan.program, plan.layout))
        unknown = [key for key in self._given if key not in self.required_parameters]
        if unknown:
            raise UsageError(
                Code.USAGE,
                f"`{unknown[0]}` is not a parameter this program requires; {self._instead_of(unknown[0])}",
            )

    def _instead_of(self, parameter: str) -> str:
        close = nearest(parameter, self.required_parameters)
        if close:
            return f"write `{close}`"
        if parameter in self.resolved.parameters:
            return "the rule file says what it is: change it there, or write `is: required` there to give it here"
        if self.required_parameters:
            return f"write one of {', '.join(f'`{name}`' for name in self.required_parameters)}"
        return "leave it out: this program requires none"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a program cannot be changed; load another")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a program cannot be changed; load another")

    def __reduce__(self) -> tuple[object, ...]:
        return (_reload, (self._data, self._name, self._given, self._floats))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Program):
            return NotImplemented
        mine = (self.content_hash, self._floats, self._given)
        return mine == (other.content_hash, other._floats, other._given)

    def __hash__(self) -> int:
        return hash((self.content_hash, self._floats))

    def __repr__(self) -> str:
        return f"<Program {self.identifier} {self.content_hash[:12]}>"

    # --- what it is ------------------------------------------------------------------------------------------------

    @property
    def identifier(self) -> str:
        """Program and edition, as in `cms/hospital-vbp@fy2024`."""
        document = self.resolved.document
        return f"{document.program.text}@{document.edition.text}"

    @property
    def title(self) -> str:
        """The title the file gives."""
        return self.resolved.document.title

    @property
    def content_hash(self) -> str:
        """The SHA-256 of the rule file, in hexadecimal."""
        return self._plan.content_hash

    @property
    def plan(self) -> Plan:
        """The plan the engines run."""
        return self._plan

    @property
    def resolved(self) -> Resolved:
        """The program with every name bound."""
        return self._plan.program

    @property
    def engine_source(self) -> str:
        """The Python text generated from the file."""
        return self._engine.source

    @property
    def required_parameters(self) -> tuple[str, ...]:
        """The names of the parameters whoever runs the program must give."""
        return tuple(name for name, parameter in self.resolved.parameters.items() if parameter.required)

    @cached_property
    def Inputs(self) -> type[BaseModel]:  # noqa: N802 (it is a class)
        """A pydantic model of one participant's inputs: types, decimals, ranges, absences, made from the file."""
        from vbc_rules.api.inputs_model import make_inputs_model  # noqa: PLC0415 (pydantic is slow to import)

        return make_inputs_model(self.resolved, self._plan.layout)

    @cached_property
    def illustrative(self) -> tuple[str, ...]:
        """What in the file is marked illustrative: numbers that are examples, not the payer's."""
        from vbc_rules.api.describe import illustrative_names  # noqa: PLC0415 (needed only where somebody asks)

        return illustrative_names(self.resolved)

    def describe(self) -> str:
        """Return the program in words: inputs, values with their ranges, gates, payments, guarantees, sources."""
        from vbc_rules.api.describe import describe  # noqa: PLC0415 (needed only where somebody asks)

        return describe(self)

    def to_dict(self) -> dict[str, object]:
        """Return the description as plain data."""
        from vbc_rules.api.describe import describe_data  # noqa: PLC0415 (needed only where somebody asks)

        return describe_data(self)

    def static_types(self) -> str:
        """Return a Python module of typed inputs for type checkers, pinned to this content hash."""
        from vbc_rules.api.static_types import static_module  # noqa: PLC0415 (needed only where somebody asks)

        return static_module(self.resolved, self._plan.layout, content_hash=self.content_hash)

    # --- evaluation ------------------------------------------------------------------------------------------------

    def with_parameters(self, **parameters: object) -> Program:
        """Return the same program with required parameters given for every evaluation."""
        return Program(self._data, self._name, parameters={**self._given, **parameters}, floats=self._floats)

    def read(
        self,
        inputs: Given | BaseModel | Typed,
        *,
        cohort: Given | None = None,
        parameters: Given | None = None,
        row: int | None = None,
    ) -> Row:
        """Return the row the engines take: everything checked, quantities scaled to whole numbers.

        Raises InputError with every problem of the inputs; no value appears in it.
        """
        if not isinstance(inputs, Mapping):
            inputs = _plain_inputs(inputs)
        given = {**self._given, **parameters} if parameters else self._given
        return self._reader.read(inputs, cohort=cohort, parameters=given, row=row)

    def evaluate(
        self,
        inputs: Given | BaseModel | Typed,
        *,
        cohort: Given | None = None,
        parameters: Given | None = None,
        engine: Engine = "scalar",
    ) -> Result:
        """Return the result of one participant.

        `inputs` is a mapping, a `program.Inputs` or what `vbc-rules types` wrote; `cohort` holds the cohort's inputs,
        `parameters` required parameters not given when loading. Both engines give the same result; `oracle` is slow
        and plain.

        Raises InputError with every problem of the inputs, EvaluationError where a dated number is not stated for a
        day, UsageError for what is no inputs at all and for an engine there is not.
        """
        return self.evaluate_row(self.read(inputs, cohort=cohort, parameters=parameters), engine)

    def evaluate_row(self, row: Row, engine: Engine = "scalar") -> Result:
        """Return the result of a row made by `read`."""
        return Result(self, self._trace(row, engine), row)

    def evaluate_many(
        self,
        rows: Iterable[Given | BaseModel | Typed],
        parameters: Given | None = None,
        *,
        cohort: Given | None = None,
        engine: Engine = "scalar",
    ) -> Iterator[Result | InputError | EvaluationError]:
        """Yield a result or an error per participant, in order; an error knows its row, counted from 1."""
        for number, inputs in enumerate(rows, 1):
            try:
                row = self.read(inputs, cohort=cohort, parameters=parameters, row=number)
                yield self.evaluate_row(row, engine)
            except InputError as error:
                yield error
            except EvaluationError as error:
                yield EvaluationError(error.code, error.message, error.where, number)

    def _trace(self, row: Row, engine: Engine) -> Trace:
        if engine == "scalar":
            return self._engine.evaluate(row)
        if engine == "oracle":
            return evaluate_by_oracle(self.resolved, self._plan.layout, row)
        raise UsageError(Code.USAGE, "there are two engines; write 'scalar' or 'oracle'")

    # --- finding one's way -----------------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> Mapping[Ref, int | None]:
        grids = Grids(self.resolved)
        found: dict[Ref, int | None] = {}
        for ref, slot in self.resolved.slots.items():
            if slot.type.is_numeric:
                grid = grids.of_name(ref)
                found[ref] = None if grid is None else decimals_of(grid)
        return found

    def places(self, ref: Ref) -> int | None:
        """Return the decimals every value of a name fits in; None where decimals may never end."""
        return self._places.get(ref, 0)

    def depth(self, level: str) -> int:
        """Return how many keys lead from the participant to an instance of `level`."""
        chain = self.resolved.chain(level)
        return chain.index(self.resolved.participant) if self.resolved.participant in chain else 0

    def paths_under(self, level: str, above: Path) -> tuple[Path, ...]:
        """Return the paths of the listed members of `level` that lie under the instance `above`."""
        return paths_under(self.resolved, level, above)

    def locate(self, name: str, instance: tuple[str | int, ...] = ()) -> tuple[Ref, Path]:
        """Return which name of which level is meant, and the path of the instance.

        `name` may be qualified (`measure.score`), and name the member, too (`measure.hai_5.score`). `instance` is the
        last keys of the path, as many as tell it apart.
        Raises UsageError where there is no such name, or more than one.
        """
        level, _, bare = name.rpartition(".")
        if "." in level:
            level, *members = level.split(".")
            instance = (*members, *instance)
        known = (*self.resolved.slots, *(Ref("", parameter) for parameter in self.resolved.parameters))
        found = [ref for ref in known if ref.name == bare and level in ("", ref.level)]
        if len(found) > 1 and instance:
            found = [ref for ref in found if self.depth(ref.level) >= len(instance)] or found
        if len(found) > 1:
            own = [ref for ref in found if ref.level == self.resolved.participant and not instance]
            found = own or found
        if len(found) != 1:
            names = tuple(dict.fromkeys(ref.name for ref in known))
            close = nearest(bare, names) if not found else None
            fix = f"write `{close}`" if close else "write " + " or ".join(f"`{ref}`" for ref in found) if found else ""
            raise UsageError(
                Code.NO_SUCH_RESULT,
                (f"nothing is named `{name}`" if not found else f"several things are named `{name}`")
                + (f"; {fix}" if fix else ""),
            )
        ref = found[0]
        return ref, self._path(ref, instance) if ref.level else ()

    def _path(self, ref: Ref, instance: tuple[str | int, ...]) -> Path:
        depth = self.depth(ref.level)
        chain = self.resolved.chain(ref.level)[:depth]
        if not depth and not instance:
            return ()
        if all(self.resolved.levels[name].kind == "members" for name in chain):
            matching = [
                path
                for path in self.paths_under(ref.level, ())
                if instance and path[len(path) - len(instance) :] == instance
            ]
            if len(matching) == 1:
                return matching[0]
            members = tuple(str(path[-1]) for path in self.paths_under(ref.level, ()))
            close = nearest(str(instance[-1]), members) if instance else None
            raise UsageError(
                Code.NO_SUCH_RESULT,
                f"say which {ref.level}: " + (f"write `{close}`" if close else f"one of {', '.join(members)}"),
            )
        if len(instance) == depth:
            return instance
        raise UsageError(
            Code.NO_SUCH_RESULT, f"say which {ref.level}: give {depth} of {', '.join(reversed(chain))}, items by number"
        )

    def definition(self, name: str) -> Definition:
        """Return the definition of a value or payment by name. Raises UsageError."""
        return self.resolved.definition(self.locate(name)[0])


def _reload(data: bytes, name: str, parameters: Mapping[str, object], floats: Floats) -> Program:
    return Program(data, name, parameters=parameters, floats=floats)


def _plain_inputs(inputs: object) -> Given:
    if hasattr(type(inputs), "model_fields"):
        from vbc_rules.api.inputs_model import to_inputs  # noqa: PLC0415 (pydantic is slow to import)

        return to_inputs(inputs)  # type: ignore[arg-type]
    typed = getattr(inputs, "to_inputs", None)
    if callable(typed):
        found = typed()
        if isinstance(found, Mapping):
            return found
    raise UsageError(
        Code.USAGE,
        "one participant's inputs are names with their values; pass a dict or a `program.Inputs` "
        "(of a pandas row, `row.to_dict()`; to `evaluate_many`, `frame.to_dict('records')`)",
    )
