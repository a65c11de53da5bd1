"""A program as callers hold it: loaded once, evaluated as often as wanted."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from vbc_rules.api.cohort import CohortResult
from vbc_rules.api.engines import CohortChoice, Engine, Engines, why_cohort
from vbc_rules.api.given import AnyInputs, Given, plain_cohort, plain_groups, plain_inputs, plain_rows
from vbc_rules.api.loading import compile_bytes, open_source
from vbc_rules.api.places import locate, paths_under, steps_to
from vbc_rules.api.result import SCHEMA, Result, versions_of
from vbc_rules.api.standing import Status, check_standing
from vbc_rules.check.scales import Grids
from vbc_rules.errors import Code, EvaluationError, InputError, UsageError
from vbc_rules.language.numerals import decimals_of
from vbc_rules.plan.layout import Layout, Path, Population, Row
from vbc_rules.plan.plan import Plan
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref
from vbc_rules.resolve.program import Definition
from vbc_rules.resolve.program import Program as Resolved
from vbc_rules.run.reading import Floats, PopulationReader, Reader, compile_population_reader, compile_reader
from vbc_rules.source.diagnostic import Diagnostic
from vbc_rules.source.nearest import nearest

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pyspark.sql import DataFrame

    from vbc_rules.api.writer import Writer
    from vbc_rules.frames.mapping import ColumnMapping


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

    __slots__ = ("__dict__", "_data", "_engines", "_floats", "_given", "_name", "_plan", "_reader", "warnings")

    _data: bytes
    _name: str
    _plan: Plan
    _given: Given
    _floats: Floats
    _reader: Reader | None
    _engines: Engines
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
        alone = not why_cohort(plan.program)
        set_(self, "_reader", compile_reader(plan.layout, plan.program, floats=floats) if alone else None)
        set_(self, "_engines", Engines(plan))
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
        return self._engines.source

    @cached_property
    def writer(self) -> Writer | None:
        """What writes results of one participant as JSON text; None where no function can be written for it."""
        from vbc_rules.api.writer import make_writer  # noqa: PLC0415 (needed only where somebody asks)

        return make_writer(self.resolved, self._engines.scalar, versions_of(self, SCHEMA), self.illustrative)

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
    def CohortInputs(self) -> type[BaseModel]:  # noqa: N802 (it is a class)
        """A pydantic model of the cohort's inputs, those of members and items that lie in it among them."""
        from vbc_rules.api.inputs_model import make_root_model  # noqa: PLC0415 (pydantic is slow to import)

        return make_root_model(self.resolved, self.layouts[COHORT])

    @cached_property
    def GroupInputs(self) -> Mapping[str, type[BaseModel]]:  # noqa: N802 (they are classes)
        """A pydantic model of one group's inputs, for each level of groups: `program.GroupInputs["organization"]`."""
        from vbc_rules.api.inputs_model import make_root_model  # noqa: PLC0415 (pydantic is slow to import)

        groups = [name for name, level in self.resolved.levels.items() if level.kind == "groups"]
        return MappingProxyType({name: make_root_model(self.resolved, self.layouts[name]) for name in groups})

    @cached_property
    def illustrative(self) -> tuple[str, ...]:
        """What in the file is marked illustrative: numbers that are examples, not the payer's."""
        from vbc_rules.api.provenance import illustrative_names  # noqa: PLC0415 (needed only where somebody asks)

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

        return static_module(self.resolved, self._plan.layout, content_hash=self.content_hash, roots=self.layouts)

    # --- evaluation ------------------------------------------------------------------------------------------------

    def with_parameters(self, **parameters: object) -> Program:
        """Return the same program with required parameters given for every evaluation."""
        return Program(self._data, self._name, parameters={**self._given, **parameters}, floats=self._floats)

    @property
    def needs_cohort(self) -> bool:
        """Whether one participant alone cannot be evaluated: something gathers, compares or pays across them."""
        return bool(why_cohort(self.resolved))

    @property
    def why_no_columns(self) -> str:
        """Why whole cohorts are not computed in columns here, in words; "" where they are."""
        return self._engines.why_no_columns

    def _one_reader(self) -> Reader:
        if self._reader is None:
            raise UsageError(
                Code.USAGE,
                f"`{why_cohort(self.resolved)}` is known only for a whole cohort; "
                f"write `program.evaluate_cohort(rows)` with the inputs of every {self.resolved.participant}",
            )
        return self._reader

    def read(
        self,
        inputs: AnyInputs,
        *,
        cohort: Given | None = None,
        parameters: Given | None = None,
        row: int | None = None,
    ) -> Row:
        """Return the row the engines take: everything checked, quantities scaled to whole numbers.

        Raises InputError with every problem of the inputs (no value appears in it), UsageError for a program that needs
        the whole cohort.
        """
        reader, given = self._one_reader(), self._parameters(parameters)
        return reader.read(plain_inputs(inputs), cohort=cohort, parameters=given, row=row)

    def read_cohort(
        self,
        rows: Iterable[AnyInputs],
        *,
        cohort: AnyInputs | None = None,
        groups: Mapping[str, Iterable[AnyInputs]] | None = None,
        parameters: Given | None = None,
    ) -> Population:
        """Return the population the engines take; see `evaluate_cohort`. Raises InputError with every problem."""
        people = plain_rows(rows, "the participants")
        found = plain_groups(groups or {})
        top = None if cohort is None else plain_cohort(cohort)
        given = self._parameters(parameters)
        return self._population_reader.read(people, cohort=top, groups=found, parameters=given)

    def _parameters(self, parameters: Given | None) -> Given:
        return {**self._given, **parameters} if parameters else self._given

    @cached_property
    def _population_reader(self) -> PopulationReader:
        return compile_population_reader(self.layouts, self.resolved, floats=self._floats)

    @property
    def layouts(self) -> Mapping[str, Layout]:
        """The layouts of the rows of a cohort: of each participant, each level of groups, and the cohort."""
        return self._engines.layouts

    def evaluate(
        self,
        inputs: AnyInputs,
        *,
        cohort: Given | None = None,
        parameters: Given | None = None,
        engine: Engine = "scalar",
        as_of: datetime.date | None = None,
        status: Status | None = None,
    ) -> Result:
        """Return the result of one participant.

        `inputs` is a mapping, a `program.Inputs` or what `vbc-rules types` wrote; `cohort` holds the cohort's inputs,
        `parameters` required parameters not given when loading. Both engines give the same result; `oracle` is slow
        and plain.

        `as_of` is the day up to which the data were known, and `status` says whether they are provisional or final:
        both are shown beside the figures and change none. They are something else than the period the program is in
        force, which the file states: a year's program may be run in March on the data known in March, provisionally,
        and once more when the data are final.

        Raises InputError with every problem of the inputs, EvaluationError where a dated number is not stated for a
        day, UsageError for what is no inputs at all, for an engine there is not, for a provisional run without `as_of`,
        and for a program that needs the whole cohort.
        """
        check_standing(as_of, status)
        row = self.read(inputs, cohort=cohort, parameters=parameters)
        return self.evaluate_row(row, engine, as_of=as_of, status=status)

    def evaluate_row(
        self, row: Row, engine: Engine = "scalar", *, as_of: datetime.date | None = None, status: Status | None = None
    ) -> Result:
        """Return the result of a row made by `read`."""
        self._one_reader()
        return Result(self, self._engines.one(row, engine), row, as_of, status)

    def evaluate_many(
        self,
        rows: Iterable[AnyInputs],
        parameters: Given | None = None,
        *,
        cohort: Given | None = None,
        engine: Engine = "scalar",
        as_of: datetime.date | None = None,
        status: Status | None = None,
    ) -> Iterator[Result | InputError | EvaluationError]:
        """Return a result or an error per participant, in order; an error knows its row, counted from 1.

        `as_of` and `status` are those of `evaluate`. Raises UsageError at once for a program that needs the whole
        cohort.
        """
        check_standing(as_of, status)
        self._one_reader()

        def each() -> Iterator[Result | InputError | EvaluationError]:
            for number, inputs in enumerate(rows, 1):
                try:
                    row = self.read(inputs, cohort=cohort, parameters=parameters, row=number)
                    yield self.evaluate_row(row, engine, as_of=as_of, status=status)
                except InputError as error:
                    yield error
                except EvaluationError as error:
                    yield EvaluationError(error.code, error.message, error.where, number)

        return each()

    def evaluate_cohort(
        self,
        rows: Iterable[AnyInputs],
        *,
        cohort: AnyInputs | None = None,
        groups: Mapping[str, Iterable[AnyInputs]] | None = None,
        parameters: Given | None = None,
        engine: CohortChoice = "auto",
        as_of: datetime.date | None = None,
        status: Status | None = None,
    ) -> CohortResult:
        """Return the result of a whole cohort: of every participant, of every group, and of the cohort itself.

        `rows` are the participants, each with its identifier and its inputs, in any order: the order changes no figure.
        `groups` has the inputs of groups: the rows of a level under its name, each with the names that its groups go
        by, as in `groups={"organization": [{"organization_id": "A", "bonus": "5.00"}]}`. Everything else is that of
        `evaluate`, `as_of` and `status` too. One row that cannot be read refuses the whole cohort, since the figures of
        all rest on it. A program that needs no cohort can be evaluated so as well.
        `engine` chooses what computes: all give the same figures; the result's `engine` says which it was.

        Raises InputError with every problem of every row, EvaluationError where a value cannot be computed or a pool
        cannot be shared out as the file says, UsageError as `evaluate` does.
        """
        check_standing(as_of, status)
        population = self.read_cohort(rows, cohort=cohort, groups=groups, parameters=parameters)
        return self.evaluate_population(population, engine, as_of=as_of, status=status)

    def evaluate_population(
        self,
        population: Population,
        engine: CohortChoice = "auto",
        *,
        as_of: datetime.date | None = None,
        status: Status | None = None,
    ) -> CohortResult:
        """Return the result of a population made by `read_cohort`."""
        trace, computed_by = self._engines.cohort(population, engine)
        return CohortResult(self, trace, population, computed_by, as_of, status)

    def evaluate_spark(
        self,
        table: DataFrame,
        *,
        mapping: ColumnMapping | None = None,
        columns: Sequence[str] | None = None,
        cohort: Given | None = None,
        groups: Mapping[str, Sequence[Given]] | None = None,
        parameters: Given | None = None,
        floats: Floats = "refuse",
        missing: Mapping[str, str] | None = None,
    ) -> DataFrame:
        """Return the results over a Spark table, as a Spark table; see `vbc_rules.frames.spark.evaluate_spark`."""
        from vbc_rules.frames.spark import evaluate_spark  # noqa: PLC0415 (an extra, and a stage after this one)

        return evaluate_spark(
            self, table, mapping=mapping, columns=columns, cohort=cohort, groups=groups, parameters=parameters,
            floats=floats, missing=missing,
        )  # fmt: skip

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
        return len(steps_to(self.resolved, level, self.resolved.participant))

    def paths_under(self, level: str, above: Path) -> tuple[Path, ...]:
        """Return the paths, seen from the participant, of the listed members of `level` under the instance `above`."""
        return paths_under(self.resolved, level, above, self.resolved.participant)

    def locate(self, name: str, instance: tuple[str | int, ...] = ()) -> tuple[Ref, Path]:
        """Return which name of which level is meant, and the path of the instance, seen from the participant.

        `name` may be qualified (`measure.score`), and name the member, too (`measure.hai_5.score`). `instance` is the
        last keys of the path, as many as tell it apart.
        Raises UsageError where there is no such name, or more than one.
        """
        return locate(self.resolved, name, instance, self.resolved.participant)

    def definition(self, name: str) -> Definition:
        """Return the definition of a value or payment by name. Raises UsageError."""
        return self.resolved.definition(self.locate(name)[0])


def _reload(data: bytes, name: str, parameters: Mapping[str, object], floats: Floats) -> Program:
    return Program(data, name, parameters=parameters, floats=floats)
