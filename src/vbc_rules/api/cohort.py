"""What came out for a whole cohort: its participants, its groups, itself."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from vbc_rules.api.engines import CohortEngineName
from vbc_rules.api.groups import Groups, explained, payments_of
from vbc_rules.api.instance import Instance
from vbc_rules.api.places import locate
from vbc_rules.api.pools import Pool, pools_of, text_totals, totals_of
from vbc_rules.api.result import Result, versions_of
from vbc_rules.api.standing import Status, standing_data
from vbc_rules.api.values import Value, public_value
from vbc_rules.api.views import RootTrace
from vbc_rules.errors import Code, UsageError
from vbc_rules.plan.layout import Path, Population, identifiers_of
from vbc_rules.resolve.declarations import COHORT
from vbc_rules.resolve.expressions import Ref
from vbc_rules.run.trace import CohortTrace, ParticipantTrace
from vbc_rules.source.nearest import nearest

if TYPE_CHECKING:
    from vbc_rules.api.program import Program
    from vbc_rules.explain.tree import Explanation

SCHEMA: Final = "vbc-rules/cohort/1"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CohortResult:
    """The result of a whole cohort: a sequence of its participants' results, in the order in which they were given.

    `cohort["010001"]` is one participant's `Result`, `cohort.groups("organization")` has the results of groups by what
    they go by, `cohort.value("pool")` is a value of the cohort itself.
    """

    program: Program
    trace: CohortTrace
    population: Population
    engine: CohortEngineName
    as_of: datetime.date | None
    """The day up to which the data were known; it is not the period in force, and changes no figure."""
    status: Status | None
    """Whether the data are provisional or final, as whoever ran the program says."""
    _order: tuple[int, ...] = field(init=False)
    _numbers: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        places = self.population.numbers
        order = tuple(sorted(range(len(places)), key=places.__getitem__))
        object.__setattr__(self, "_order", order)
        keys = {identifier: number for number, identifier in enumerate(identifiers_of(self.population))}
        object.__setattr__(self, "_numbers", keys)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as the program and the population: they give the same result wherever they are evaluated."""
        return (_again, (self.program, self.population, self.engine, self.as_of, self.status))

    # --- participants ----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Result]:
        return map(self.at, self._order)

    def __getitem__(self, identifier: str) -> Result:
        """Return the result of a participant by its identifier. Raises KeyError, which does not repeat it."""
        number = self._numbers.get(identifier)
        if number is None:
            participant = self.program.resolved.participant
            raise KeyError(f"no {participant} of the cohort has this identifier; write it as it was given, as text")
        return self.at(number)

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._numbers

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The participants' identifiers, in the order in which they were given."""
        own = tuple(self._numbers)
        return tuple(own[number] for number in self._order)

    def at(self, number: int) -> Result:
        """Return the result of a participant by its number: from 0, in the order of identifiers. Raises IndexError."""
        rows = self.population.participants
        if not 0 <= number < len(rows):
            raise IndexError(f"there are {len(rows)} results, numbered from 0")
        row = rows[number]
        trace = ParticipantTrace(self.program.resolved, self.trace, number)
        return Result(self.program, trace, row, self.as_of, self.status, self, number)

    # --- the cohort and its groups ---------------------------------------------------------------------------------

    def value(self, name: str, *instance: str | int) -> Value:
        """Return a value of the cohort itself, as `cohort.value("pool")`.

        `instance` says which member, or which item counted from 0, for a level that lies in the cohort. Raises
        UsageError for a name or an instance that does not exist.
        """
        ref, path = self._located(name, instance)
        type_ = self.program.resolved.slots[ref].type if ref.level else self.program.resolved.parameters[ref.name].type
        try:
            return public_value(self.trace.value(ref, path), type_, self.program.places(ref))
        except KeyError:
            raise UsageError(Code.NO_SUCH_RESULT, f"there is no such instance of `{ref.level}`") from None

    def _located(self, name: str, instance: tuple[str | int, ...]) -> tuple[Ref, Path]:
        resolved = self.program.resolved
        elsewhere = [ref for ref in resolved.slots if ref.name == name.rpartition(".")[2] and ref.level != COHORT]
        try:
            return locate(resolved, name, instance, COHORT)
        except UsageError:
            for ref in elsewhere:
                root = resolved.root(ref.level)
                if root != COHORT:
                    there = "cohort[identifier]" if root == resolved.participant else f'cohort.groups("{root}")[key]'
                    message = f'`{ref}` is not the cohort\'s; write `{there}["{ref.name}"]`'
                    raise UsageError(Code.NO_SUCH_RESULT, message) from None
            raise

    @property
    def values(self) -> Instance:
        """Everything that stands on the cohort itself and on what lies in it, by name."""
        return Instance(self.program, RootTrace(self.program.resolved, self.trace, COHORT, ()), COHORT, (), COHORT)

    def groups(self, level: str) -> Groups:
        """Return the results of the groups of a level, by what they go by, in ascending order.

        The key is the value that groups go by, or several in a tuple: `cohort.groups("organization")["A"]`,
        `cohort.groups("condition_cohort")["urban", "ami"]`. Raises UsageError where there is no such level.
        """
        levels = self.program.resolved.levels
        known = [name for name, one in levels.items() if one.kind == "groups"]
        if level not in known:
            close = nearest(str(level), known)
            listed = " or ".join(f"`{name}`" for name in known)
            help = f"write `{close}`" if close else f"write {listed}" if known else "this program has none"
            raise UsageError(Code.NO_SUCH_RESULT, f"there is no such level of groups; {help}")
        return Groups(self, level)

    @property
    def payments(self) -> Mapping[str, Value]:
        """The cohort's own payments by name; those of participants and groups are in their results."""
        return payments_of(self.values)

    def totals(self) -> Mapping[str, Decimal | Fraction]:
        """Return the sum of each payment of money over all who have it, exactly; what is absent adds nothing.

        Payments that are not the participant's own go by level and name: `instalment.reward`.
        """
        return totals_of(self.program, self.trace)

    @property
    def pools(self) -> tuple[Pool, ...]:
        """Every pool that was shared out, with what was paid from it and what could not be: they add up to the cent."""
        return pools_of(self.program, self.trace)

    def explain(self, name: str, *instance: str | int) -> Explanation:
        """Return how a value of the cohort came about; see `Result.explain`. Raises UsageError."""
        ref, path = self._located(name, instance)
        return explained(self, ref, path, {})

    # --- what must be said beside it, and in other forms -----------------------------------------------------------

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be shown beside every figure of this result."""
        return self.trace.warnings

    @property
    def illustrative(self) -> tuple[str, ...]:
        """The illustrative numbers this program uses: figures that rest on them are examples, not a payer's."""
        return self.program.illustrative

    @property
    def versions(self) -> Mapping[str, str]:
        """What computed this: program, edition, content hash, and the versions of language, library and schema."""
        return versions_of(self.program, SCHEMA)

    def to_rows(self) -> list[dict[str, Value]]:
        """Return a row for each participant, in the order given: its identifier, its values and its payments.

        Payments of listed members go by level, member and name, as in `instalment.january.reward`.
        """
        return [self._row(result) for result in self]

    def _row(self, result: Result) -> dict[str, Value]:
        resolved = self.program.resolved
        participant = resolved.participant
        found: dict[str, Value] = {participant: result.participant}
        for definition in resolved.definitions:
            ref = definition.ref
            if ref.level == participant:
                found[ref.name] = public_value(result.trace.value(ref, ()), definition.type, self.program.places(ref))
            elif definition.role == "payment" and self._is_listed(ref.level):
                for path in self.program.paths_under(ref.level, ()):
                    value = public_value(result.trace.value(ref, path), definition.type, self.program.places(ref))
                    found[".".join([ref.level, *map(str, path), ref.name])] = value
        return found

    def _is_listed(self, level: str) -> bool:
        resolved = self.program.resolved
        below = resolved.chain(level)
        if resolved.participant not in below:
            return False
        return all(resolved.levels[one].kind == "members" for one in below[: below.index(resolved.participant)])

    def to_dict(self) -> dict[str, object]:
        """Return the result as plain data (schema "vbc-rules/cohort/1"): quantities as text, absences by reason."""
        resolved = self.program.resolved
        groups = [name for name, level in resolved.levels.items() if level.kind == "groups"]
        return {
            **self.versions,
            **standing_data(self.as_of, self.status),
            "participants": [result.figures() for result in self],
            "groups": {name: [group.to_dict() for group in self.groups(name).values()] for name in groups},
            "cohort": self.values.plain(),
            "totals": text_totals(self.totals()),
            "pools": [pool.to_dict() for pool in self.pools],
            "warnings": list(self.warnings),
            "illustrative": list(self.illustrative),
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    def __str__(self) -> str:
        from vbc_rules.api.summary import cohort_summary  # noqa: PLC0415 (needed only where somebody looks)

        return cohort_summary(self)

    def __repr__(self) -> str:
        groups = [name for name, level in self.program.resolved.levels.items() if level.kind == "groups"]
        counted = [f"{len(self)} {self.program.resolved.participant}", *(f"{len(self.groups(g))} {g}" for g in groups)]
        return f"<CohortResult of {self.program.identifier}: {', '.join(counted)}>"


def _again(
    program: Program,
    population: Population,
    engine: CohortEngineName,
    as_of: datetime.date | None,
    status: Status | None,
) -> CohortResult:
    return program.evaluate_population(population, engine, as_of=as_of, status=status)
