"""Reading: what a caller gives for one participant, or for a whole cohort, becomes checked rows."""

from vbc_rules.run.reading.numbers import Floats
from vbc_rules.run.reading.population import PopulationReader, compile_population_reader
from vbc_rules.run.reading.reader import Reader, compile_reader

__all__ = ["Floats", "PopulationReader", "Reader", "compile_population_reader", "compile_reader"]
