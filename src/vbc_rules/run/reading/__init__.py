"""Reading: what a caller gives for one participant becomes a checked row of whole numbers, words and absences."""

from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.reading.reader import Reader, compile_reader

__all__ = ["Floats", "Reader", "compile_reader"]
