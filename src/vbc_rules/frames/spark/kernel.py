"""What a worker of Spark does with the rows of one partition: batches of Arrow in, results out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from pyspark import TaskContext

from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.kernel import BatchKernel


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Kernel:
    """Computes a partition. It is what travels to the workers; the columns of `batches` arrive in its order."""

    batches: BatchKernel

    def __call__(self, arriving: Iterable[ArrowArray]) -> Iterator[ArrowArray]:
        """Yield the results of a partition's batches.

        Raises InputError once all rows are read, with the problems of the whole partition, up to a thousand.
        """
        reading = self.batches.begin(f"row of partition {TaskContext.get().partitionId()}")
        names = list(self.batches.names)
        for batch in arriving:
            for table in reading.results(pa.Table.from_batches([batch]).rename_columns(names)):
                yield from table.to_batches()
            if reading.is_full:
                break
        reading.raise_if_any()
