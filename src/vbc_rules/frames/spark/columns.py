"""The columns of a Spark table checked against a program before anything runs, and those of its results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pyarrow as pa
from pyspark.sql import types as spark

from vbc_rules.frames.columns.arrow import ArrowArray
from vbc_rules.frames.columns.schema import check_schema
from vbc_rules.frames.mapping import ColumnMapping
from vbc_rules.resolve.program import Program
from vbc_rules.run.reading.numbers import Floats

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
    arrives = {field.name: _arrow_of(field.dataType) for field in schema.fields}
    others = {field.name: field.dataType.simpleString() for field in schema.fields}
    return check_schema(program, arrives, mapping, floats, others)


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
