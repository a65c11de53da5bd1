"""Parquet and CSV files: read in batches, written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from vbc_rules.errors import Code, InputError, InputProblem, UsageError
from vbc_rules.frames import codes
from vbc_rules.frames.columns.arrow import KINDS, ArrowArray, frame_of

FileFormat: TypeAlias = Literal["parquet", "csv"]

_OPENS_A_FORMULA: Final = "^[=+\\-@\t\r]"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ParquetBatch:
    """Some rows of a Parquet file, the first of them row `first_row` (from 1) of the file."""

    first_row: int
    table: Any


class ParquetFile:
    """A Parquet file open for reading in batches. Raises InputError where it is none, or broken."""

    def __init__(self, path: Path) -> None:
        """Open the file."""
        self.path = path
        with self._told():
            # What is read ahead stays in memory until the last batch.
            self._file = pyarrow.parquet.ParquetFile(path, pre_buffer=False)
        self.names: tuple[str, ...] = tuple(self._file.schema_arrow.names)
        self.length: int = self._file.metadata.num_rows

    @contextmanager
    def _told(self) -> Iterator[None]:
        name = self.path.name
        try:
            yield
        except FileNotFoundError:
            raise _problem(f"{name} cannot be opened: there is no such file") from None
        except pa.ArrowException:
            raise _problem(f"{name} is no Parquet file, or a broken one; write it again") from None
        except OSError:
            message = (
                f"{name} cannot be opened: it is a folder"
                if self.path.is_dir()
                else (f"{name} is no Parquet file, or a broken one, or cannot be read; write it again")
            )
            raise _problem(message) from None

    def batches(self, rows: int, columns: Sequence[str] | None = None) -> Iterator[ParquetBatch]:
        """Yield the rows in batches, of some columns or all."""
        first = 1
        source = self._file.iter_batches(batch_size=rows, columns=None if columns is None else list(columns))
        while True:
            with self._told():
                batch = next(source, None)
            if batch is None:
                return
            yield ParquetBatch(first, pa.Table.from_batches([batch]))
            first += batch.num_rows

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _problem(message: str) -> InputError:
    return InputError(InputProblem(codes.FILE, "", message))


def read_parquet_batches(path: str | Path, batch_rows: int = 100_000) -> Iterator[ParquetBatch]:
    """Yield a Parquet file's rows in batches of at most `batch_rows`, each a PyArrow table, as `read_table` takes it.

    Raises InputError for a file that is no Parquet file, or a broken one, UsageError for batches of no rows.
    """
    if batch_rows < 1:
        raise UsageError(Code.USAGE, "a batch has at least one row; write a greater number for `batch_rows`")
    file = ParquetFile(Path(path))
    try:
        yield from file.batches(batch_rows)
    finally:
        file.close()


def write_frame(frame: object, path: str | Path, format: FileFormat | None = None) -> None:
    """Write a table (of pandas, Polars or PyArrow) to a file: the whole of it, or the file stays as it was.

    The format is that of `format`, else what the file's name ends in. In CSV, text that a spreadsheet would take for a
    formula begins with an apostrophe, as in results files. Raises OSError where the file cannot be written, UsageError
    for what is no table, and for another format.
    """
    path = Path(path)
    table = _arrow_of(frame)
    with table_writer(path, table.schema, format) as writer:
        writer.write_table(table)


def _arrow_of(frame: object) -> ArrowArray:
    if isinstance(frame, pa.Table):
        return frame
    held = frame_of(frame)
    try:
        return pa.table({name: held.column(name) for name in held.names})
    except ValueError as error:
        message = f"column `{error.args[0]}` holds values of several kinds; give {KINDS} whose columns have one each"
        raise UsageError(Code.USAGE, message) from None


@contextmanager
def table_writer(
    path: Path, schema: ArrowArray, format: FileFormat | None = None, repeated: Sequence[str] | None = None
) -> Iterator[Any]:
    """Open a file that tables are written to one after the other (`write_table`); without an error it is put in place.

    Until then what is written stands in a file beside it, which an error takes away. `repeated` are the columns in
    which many rows have the same, which Parquet then holds once (None: any column is looked at for it).
    """
    known: dict[str, FileFormat] = {".parquet": "parquet", ".csv": "csv"}
    chosen = format or known.get(path.suffix.lower())
    if chosen not in ("parquet", "csv"):
        raise UsageError(Code.USAGE, "results are written as Parquet or CSV; name a file that ends in .parquet or .csv")
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with part.open("xb") as stream:
            with _writer(chosen, stream, schema, repeated) as writer:
                yield writer
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _writer(format: FileFormat, stream: object, schema: ArrowArray, repeated: Sequence[str] | None) -> Any:  # noqa: ANN401 (one of two kinds)
    if format == "csv":
        return _CsvWriter(stream, schema)
    in_dictionary = True if repeated is None else list(repeated)
    return pyarrow.parquet.ParquetWriter(stream, schema, use_dictionary=in_dictionary)


class _CsvWriter:
    """Writes tables as CSV, with text that no spreadsheet takes for a formula."""

    def __init__(self, stream: object, schema: ArrowArray) -> None:
        options = pyarrow.csv.WriteOptions(quoting_style="needed")
        self._writer = pyarrow.csv.CSVWriter(stream, schema, write_options=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write_table(self, table: ArrowArray) -> None:
        """Write the rows of a table."""
        for place, field in enumerate(table.schema):
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
                harmless = pa.compute.replace_substring_regex(table[place], f"({_OPENS_A_FORMULA})", r"'\1")
                table = table.set_column(place, field, harmless)
        self._writer.write_table(table)
