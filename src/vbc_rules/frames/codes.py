"""The codes of what can be wrong with a mapping file, and with the files it is for."""

from __future__ import annotations

from typing import Final

# In a mapping file; what any file can get wrong (unknown keys, missing keys ..) has the codes of rule files.
OTHER_PROGRAM: Final = "VBC953"
NO_SUCH_NAME: Final = "VBC954"  # a table, level, member, input, cell, value or reading that does not exist
UNFIT_READING: Final = "VBC955"  # a reading that does not yield the type wanted
COLUMN_NAME: Final = "VBC956"  # a column pattern without its `{member}`, or with one too many
MAPPED_TWICE: Final = "VBC957"
UNSERVED: Final = "VBC958"  # an arrangement of tables and levels that a mapping cannot serve
FILE_NAME: Final = "VBC959"

# In the data.
FILE: Final = "VBC920"
"""A file cannot be opened, or is not text of the declared encoding, or not a table at all."""
DELIMITER: Final = "VBC921"
"""The columns are separated by another character than declared."""
MISSING_COLUMN: Final = "VBC922"
"""A column that is needed is not there, or is there twice."""
UNKNOWN_COLUMN: Final = "VBC923"
"""A column that the program does not know."""
RAGGED: Final = "VBC924"
"""A row has more or fewer cells than there are columns."""
UNREADABLE: Final = "VBC925"
"""A cell cannot be read the way its column is declared."""
EMPTY_CELL: Final = "VBC926"
"""A cell is empty, and no absence is declared for that."""
UNMATCHED: Final = "VBC927"
"""A participant of one table has no row in another."""
REPEATED_KEY: Final = "VBC928"
"""A JSON object has the same name twice."""
BAD_KEY: Final = "VBC929"
"""A participant's identifier is empty, or has spaces around it, or characters that cannot be seen."""
NOT_ONE_WAY: Final = "VBC930"
"""A figure turns within the interval that an input stands for, so its range cannot be told from the ends."""
