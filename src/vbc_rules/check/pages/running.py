"""VBC901 and above: what can go wrong with data, mappings and calls, outside a rule file."""

from __future__ import annotations

from typing import Final

from vbc_rules.check.pages.page import Page

PAGES: Final = (
    Page(
        "VBC901",
        "something was not supplied",
        "An input or a required parameter is missing. Supply it, or its absence by name where the file "
        "permits one; missing is never zero.",
    ),
    Page(
        "VBC902",
        "an unknown name was supplied",
        "The program has no such input or parameter. A misspelt name would otherwise be ignored without a word.",
    ),
    Page(
        "VBC903",
        "a value of another type",
        "The value is not of the declared type. Values are taken as `Decimal`, `int` or text.",
    ),
    Page(
        "VBC904",
        "a binary floating-point number",
        "A `float` cannot carry exact cents: 0.1 is not one tenth. Supply `Decimal` or text, or opt in to "
        "the float's shortest text.",
    ),
    Page(
        "VBC905",
        "too many decimals",
        "The number has more decimals than the file declares. Nothing is rounded on the way in.",
    ),
    Page(
        "VBC906",
        "outside the declared range",
        "The number or date lies outside its range. What was proven about the file rests on the ranges.",
    ),
    Page("VBC907", "not a word of the category", "Supply one of the words the file lists, spelt as there."),
    Page("VBC908", "an absence that is not permitted", "The file does not permit this reason for this input."),
    Page(
        "VBC909",
        "an expectation is broken",
        "The file says under `expected` what must hold among inputs, and it does not.",
    ),
    Page(
        "VBC910",
        "the same key twice",
        "Two rows, or two items of a list, have the same key; one of them would be lost.",
    ),
    Page("VBC911", "too many items", "There are more items or participants than the file allows."),
    Page(
        "VBC920",
        "a file that cannot be opened",
        "It cannot be opened, is not text of the declared encoding, or is no table.",
    ),
    Page("VBC921", "another delimiter", "The columns are separated by another character than declared."),
    Page("VBC922", "a column is missing", "A column that is needed is not there, or is there twice."),
    Page("VBC923", "an unknown column", "The program does not know this column. Map it, or leave it out."),
    Page("VBC924", "a ragged row", "A row has more or fewer cells than there are columns."),
    Page("VBC925", "a cell that cannot be read", "It cannot be read the way its column is declared."),
    Page("VBC926", "an empty cell", "No absence is declared for an empty cell; it is not zero."),
    Page("VBC927", "a participant without a row", "A participant of one table has no row in another."),
    Page("VBC928", "the same name twice in JSON", "Most readers would keep the last without a word."),
    Page(
        "VBC929",
        "an identifier that cannot be used",
        "It is empty, has spaces around it, or holds characters that cannot be seen.",
    ),
    Page(
        "VBC930",
        "a range that cannot be told",
        "A figure turns within the interval that an input stands for, so its range cannot be told from the ends.",
    ),
    Page("VBC950", "an evaluation could not be finished", "The message says which value and where in the file."),
    Page(
        "VBC951",
        "a dated number that is not stated",
        "The record is silent about the day it is read on, and the file does not carry a number over.",
    ),
    Page(
        "VBC952",
        "a pool that cannot be shared",
        "All that members have at least is more than the pool, or one has more at least than at most, "
        "or nobody has a basis above zero and the file calls that an error.",
    ),
    Page("VBC953", "a mapping for another program", "The mapping file names another program or edition."),
    Page(
        "VBC954",
        "a mapping names what does not exist",
        "There is no such table, level, member, input, cell, value or reading.",
    ),
    Page("VBC955", "a reading that does not fit", "It does not yield the type that the input wants."),
    Page("VBC956", "a column pattern that cannot be used", "A pattern holds `{member}` once."),
    Page("VBC957", "mapped twice", "Two columns are mapped to one input."),
    Page(
        "VBC958",
        "tables that a mapping cannot serve",
        "The arrangement of tables and levels is not one that can be read.",
    ),
    Page("VBC959", "a mapping file's name", "A mapping lies beside its rule file under the name derived from it."),
    Page(
        "VBC960",
        "tests for another program",
        "The tests are for another program or edition than the one they lie beside.",
    ),
    Page("VBC961", "a test names what does not exist", "The program has no such name where it is written."),
    Page(
        "VBC962",
        "a test expects a value of another type",
        "Write it as the type of the value wants, as in `5%` or `$5`.",
    ),
    Page("VBC963", "a test expects an absence that cannot be", "Nothing here can be absent for this reason."),
    Page(
        "VBC964",
        "a block or a value in the wrong place of a test",
        "Members and items are blocks; one value is one value.",
    ),
    Page("VBC965", "two tests of one name", "The second would hide the first."),
    Page("VBC966", "a test without an outcome", "A test says what must come out, in one way."),
    Page(
        "VBC970",
        "a call that cannot be served",
        "The library was called in a way it does not support; the message says what to call instead.",
    ),
    Page("VBC971", "no such program", "No packaged program goes by this name, and there is no such file."),
    Page("VBC972", "an edition is wanted", "The program has several editions; write `name@edition`."),
    Page("VBC973", "no such result", "The program does not compute a value of this name."),
)
