"""What a worker of Spark does with the rows of one partition: batches of Arrow in, results out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
from pyspark import TaskContext

from vbc_rules.errors import InputError, InputProblem
from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.batches import Batches
from vbc_rules.frames.columns.computing import Computed
from vbc_rules.frames.columns.out import ROW, to_arrow, wanted_of
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.problems import MAX_TOLD
from vbc_rules.frames.spark.travelling import Travelling
from vbc_rules.plan.layout import Population, Row
from vbc_rules.run.reading.numbers import Floats

_LONGEST: Final = 50
"""Characters of an identifier that stands in a message, as where rows are read one by one."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Kernel:
    """Computes a partition. It is what travels to the workers, so it holds plain data.

    `names` are the columns that arrive, in their order, by the names they had in the table; `wanted` names the figures;
    `cohort` is the cohort's row, of required parameters and the cohort's inputs.
    """

    sent: Travelling
    mapping: ColumnMapping
    names: tuple[str, ...]
    wanted: tuple[str, ...]
    floats: Floats
    cohort: Row

    def __call__(self, arriving: Iterable[ArrowArray]) -> Iterator[ArrowArray]:
        """Yield the results of a partition's batches.

        Raises InputError once all rows are read, with the problems of the whole partition, up to a thousand.
        """
        arrived = self.sent.arrived()
        wanted = wanted_of(arrived.program, self.wanted)
        keep = frozenset(one.ref for one in wanted)
        batches = Batches(arrived.program, self.mapping, self.floats, Population(self.cohort, (), (), {}))
        problems = batches.problems
        told: list[InputProblem] = []
        first = 1
        for batch in arriving:
            if not batch.num_rows:
                continue
            table = pa.Table.from_batches([batch]).rename_columns(list(self.names))
            population, found_wrong = batches.read(table, first)
            problems.take(found_wrong)
            if population is not None:
                for trace, part in batches.computed(arrived.engine, population, keep):
                    if not problems:
                        computed = to_arrow(Computed(arrived.program, trace, part), wanted)
                        yield from computed.drop_columns([ROW]).to_batches()
            told += [self._placed(one, table, first, batches) for one in problems.told[len(told) :]]
            first += batch.num_rows
            if problems.total >= MAX_TOLD:
                break
        if told:
            raise InputError(told) from None

    def _placed(self, one: InputProblem, table: ArrowArray, first: int, batches: Batches) -> InputProblem:
        """Return a problem with whose it is: the identifier where it is public, else the row of the partition."""
        if one.row is None:
            return one
        document = batches.program.resolved.document
        whose = table.column(self.mapping.tables[0].key)[one.row - first].as_py()
        if document.identifier_is_public and _is_shown(whose):
            message = f"{one.message} ({batches.program.resolved.participant} {whose})"
            return InputProblem(one.code, one.where, message)
        partition = TaskContext.get().partitionId()
        return InputProblem(one.code, one.where, f"{one.message} (row of partition {partition})", one.row)


def _is_shown(identifier: object) -> bool:
    return isinstance(identifier, str) and 0 < len(identifier) <= _LONGEST and identifier.isprintable()
