"""The columns of a Spark table checked against a program before anything runs, and those of its results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import types as spark

from vbc_rules.frames.columns.arrow import ArrowArray, Frame
from vbc_rules.frames.columns.batches import needed_columns
from vbc_rules.frames.columns.cells import ColumnReader
from vbc_rules.frames.columns.joining import Source, fields_of, join
from vbc_rules.frames.columns.reading import check_frame
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.frames.problems import Problems
from vbc_rules.plan.layout import make_layouts
from vbc_rules.resolve.program import Program
from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.settle import place

_ARRIVES: Final[Mapping[type[spark.DataType], ArrowArray]] = {
    spark.NullType: pa.null(),
    spark.BooleanType: pa.bool_(),
    spark.ByteType: pa.int8(),
    spark.ShortType: pa.int16(),
    spark.IntegerType: pa.int32(),
    spark.LongType: pa.int64(),
    spark.FloatType: pa.float32(),
    spark.DoubleType: pa.float64(),
    spark.StringType: pa.large_string(),
    spark.VarcharType: pa.large_string(),
    spark.CharType: pa.large_string(),
    spark.DateType: pa.date32(),
    spark.TimestampType: pa.timestamp("us", "UTC"),
    spark.TimestampNTZType: pa.timestamp("us"),
    spark.BinaryType: pa.binary(),
}


def check_columns(
    program: Program, schema: spark.StructType, mapping: ColumnMapping, floats: Floats
) -> tuple[str, ...]:
    """Return the columns that are read of a table. Raises InputError with every problem of its columns."""
    problems = Problems()
    table = mapping.tables[0]
    # Whether there are rows is not known before they are counted.
    check_frame(table, Frame(tuple(schema.names), 1, None), mapping, problems)
    problems.raise_if_any()
    needed = needed_columns(mapping)
    given = {field.name: field.dataType for field in schema.fields if field.name in needed}
    arrives = {name: _arrow_of(kind) for name, kind in given.items()}
    _check_types(program, given, arrives, mapping, floats, problems)
    problems.raise_if_any()
    empty = {name: pa.array([], kind) for name, kind in arrives.items()}
    join(program, mapping, {table.name: Source(table, empty, np.arange(0))}, floats, problems)
    problems.raise_if_any()
    return needed


def _check_types(
    program: Program,
    given: Mapping[str, spark.DataType],
    arrives: Mapping[str, ArrowArray],
    mapping: ColumnMapping,
    floats: Floats,
    problems: Problems,
) -> None:
    """Report columns of a type that is not read for their inputs."""
    fields = fields_of(make_layouts(program)[program.participant])
    for one in (one for each in mapping.placements for one in each.fields):
        field = fields.get((one.ref, one.member))
        if one.role != "input" or one.always is not None or field is None:
            continue
        kind = arrives[one.column]
        reader = ColumnReader(one, field, floats, is_plain=mapping.strict)
        refused = reader.refusal(kind) if kind is not None else reader.not_read(given[one.column].simpleString())
        if refused is not None:
            code, message = refused
            problems.add(str(code), place(program, field.ref, field.path), f"column `{one.column}` {message}")


def _arrow_of(kind: spark.DataType) -> ArrowArray:
    """Return the type that a column arrives as at the workers; None for one of several values a cell, or none known."""
    if isinstance(kind, spark.DecimalType):
        return pa.decimal128(kind.precision, kind.scale)
    return _ARRIVES.get(type(kind))


def spark_schema(schema: ArrowArray) -> spark.StructType:
    """Return columns that workers give as Spark's."""
    return spark.StructType([spark.StructField(field.name, _spark_of(field.type)) for field in schema])


def _spark_of(kind: ArrowArray) -> spark.DataType:
    if pa.types.is_decimal128(kind):
        return spark.DecimalType(kind.precision, kind.scale)
    if pa.types.is_boolean(kind):
        return spark.BooleanType()
    if pa.types.is_integer(kind):
        return spark.LongType() if kind == pa.int64() else spark.IntegerType()
    return spark.DateType() if pa.types.is_date32(kind) else spark.StringType()
