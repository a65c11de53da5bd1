"""VBC101 to VBC121: sections, keys, their order, and literals."""

from __future__ import annotations

from typing import Final

from vbc_rules.check.pages.page import Page


def _value(inside: str) -> str:
    return f"values:\n  hospital:\n    score: {inside}"


def _parameter(inside: str) -> str:
    return f"parameters:\n  cap: {inside}"


PAGES: Final = (
    Page(
        "VBC101",
        "an unknown key",
        "A misspelt key would be a rule that nobody applies.",
        _value("{formla: 1}"),
        _value("{formula: 1}"),
    ),
    Page(
        "VBC102",
        "a key is missing",
        "What has no default is written.",
        _parameter("{type: percent}"),
        _parameter("{type: percent, is: 5%, source: guide}"),
    ),
    Page(
        "VBC103",
        "a key stands out of order",
        "Keys are written in the order in which they act, so that every file reads the same way.",
        _value("{round: 0 down, formula: 0.5}"),
        _value("{formula: 0.5, round: 0 down, illustrative: yes}"),
    ),
    Page(
        "VBC104",
        "a block, a list or a text in the wrong place",
        "Each key takes one form.",
        _value("0.5"),
        _value("{formula: 0.5, illustrative: yes}"),
    ),
    Page(
        "VBC105",
        "something is empty",
        "An empty section or list says nothing.",
        "levels:\n  domain: {in: hospital, members: {}}",
        "levels:\n  domain: {in: hospital, members: {safety: {}}}",
    ),
    Page(
        "VBC106",
        "not a name",
        "Names are lower-case letters, digits and underscores, and no words of the formula language.",
        "values:\n  hospital:\n    HAI-1: {formula: 1}",
        "values:\n  hospital:\n    hai_1: {formula: 1}",
    ),
    Page(
        "VBC107",
        "a word that may not stand here",
        "Where only some words have a meaning, any other is an error.",
        _value("{formula: 0.5, round: 0 halfup}"),
        _value("{formula: 0.5, round: 0 half_up, illustrative: yes}"),
    ),
    Page(
        "VBC108",
        "a literal that cannot be read",
        "Numbers, dates, ranges and roundings have one spelling each.",
        _value("{formula: 0.5, round: 0}"),
        _value("{formula: 0.5, round: 0 half_up, illustrative: yes}"),
    ),
    Page(
        "VBC109",
        "keys that exclude or need each other",
        "Two keys that contradict each other leave open what holds.",
        "inputs:\n  hospital:\n    rate: {type: percent, only_if: met}",
        "inputs:\n  hospital:\n    met: {type: yes_no}\n"
        "    rate: {type: percent, only_if: met, otherwise: not_applicable}",
    ),
    Page(
        "VBC110",
        "something is repeated",
        "A word listed twice is a slip, and often a second word was meant.",
        "inputs:\n  hospital:\n    kind: {type: category, of: [small, small]}",
        "inputs:\n  hospital:\n    kind: {type: category, of: [small, large]}",
    ),
    Page(
        "VBC111",
        "a value without a shape",
        "A value says how it comes about.",
        _value("{title: Score}"),
        _value("{formula: 1}"),
    ),
    Page(
        "VBC112",
        "a value with several shapes",
        "A value comes about in one way; give each its own name.",
        _value("{formula: 1, sum: x}"),
        _value("{formula: 1}"),
    ),
    Page(
        "VBC113",
        "dated numbers with gaps, overlaps or out of order",
        "For every day one entry holds; where the record is silent, `unstated: yes` says so.",
        _parameter(
            "{dated: [{from: 2024-01-01, through: 2024-06-30, is: 5%}, {from: 2024-08-01, is: 6%}], source: guide}"
        ),
        _parameter(
            "{dated: [{from: 2024-01-01, through: 2024-06-30, is: 5%}, {from: 2024-07-01, is: 6%}], source: guide}"
        ),
    ),
    Page(
        "VBC114",
        "a cell of a table that cannot be read",
        "A cell is `any`, a word or a stretch in words, so that nobody has to know operators.",
        _value("{table: [{beds: '>= 5', is: 1}]}"),
        "inputs:\n  hospital:\n    beds: {type: count}\n"
        + _value("{table: [{beds: 5 or more, is: 1}, {beds: less than 5, is: 0}], illustrative: yes}"),
    ),
    Page(
        "VBC115",
        "rows of a table with other columns",
        "Every row says something about every column; `any` where it does not matter.",
        _value("{table: [{a: any, b: any, is: 1}, {b: any, is: 2}]}"),
        "inputs:\n  hospital:\n    met: {type: yes_no}\n    beds: {type: count}\n"
        + _value("{table: [{met: yes, beds: any, is: 1}, {met: no, beds: any, is: 2}], illustrative: yes}"),
    ),
    Page(
        "VBC116",
        "`otherwise` is missing or not the last",
        "Cases end with what holds if none of them does; there is no default.",
        _value("{choose: [{when: met, is: 1}]}"),
        "inputs:\n  hospital:\n    met: {type: yes_no}\n" + _value("{choose: [{when: met, is: 1}, {otherwise: 0}]}"),
    ),
    Page(
        "VBC117",
        "a text without quotes",
        "`yes` and `no` are answers; where they are meant as text they stand in quotes.",
        "levels:\n  site: {in: hospital, parameters: {label: text}, source: guide, members: {a: {label: yes}}}",
        "levels:\n  site: {in: hospital, parameters: {label: text}, source: guide, members: {a: {label: 'yes'}}}",
    ),
    Page(
        "VBC120",
        "a source that is not listed",
        "A citation leads to an entry of `sources`.",
        _parameter("{is: 5%, source: guid p. 1}"),
        _parameter("{is: 5%, source: guide p. 1}"),
    ),
    Page(
        "VBC121",
        "a number with several origins",
        "A number is stated, derived or illustrative; it cannot be two of these.",
        _parameter("{is: 5%, source: guide, illustrative: yes}"),
        _parameter("{is: 5%, source: guide}"),
    ),
)
