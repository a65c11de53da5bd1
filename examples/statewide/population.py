"""The made-up state: hospitals, physician organizations, their practices and physicians. Nobody in it exists."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from statewide.draws import Draws, between

FULL = {"hospitals": 130, "organizations": 40, "practices": 1_700, "physicians": 20_000}
LEAST = {"hospitals": 8, "organizations": 6, "practices": 85, "physicians": 1_000}


@dataclass(frozen=True, slots=True)
class Hospital:
    """`standing` is how good it is, in thousandths of a standard deviation; so everywhere below."""

    name: str
    standing: int
    inpatient: Decimal
    outpatient: Decimal


@dataclass(frozen=True, slots=True)
class Practice:
    """`members` are those attributed to it; it has at least one primary care physician."""

    name: str
    organization: str
    standing: int
    primary_care: int
    members: int


@dataclass(frozen=True, slots=True)
class Physician:
    """`fees` are the standard fees of the physician's claims of the quarter, in all."""

    name: str
    practice: str
    organization: str
    hospital: str
    primary_care: bool
    fees: Decimal


@dataclass(frozen=True, slots=True)
class Organization:
    """`board` is the share of its board held by practicing physicians, in percent."""

    name: str
    standing: int
    practitioners: int
    primary_care: int
    members: int
    board: int


@dataclass(frozen=True, slots=True)
class State:
    """Everybody in the state, and `draws` for what is reported of them."""

    hospitals: tuple[Hospital, ...]
    organizations: tuple[Organization, ...]
    practices: tuple[Practice, ...]
    physicians: tuple[Physician, ...]


def make_state(scale: Decimal, draws: Draws) -> State:
    """Return a state of so many times 20,000 physicians, with everything else in proportion."""
    number = {name: max(LEAST[name], int(count * scale)) for name, count in FULL.items()}
    hospitals = tuple(_hospital(one, draws) for one in range(number["hospitals"]))
    standings = [draws.standing() for _ in range(number["organizations"])]
    # A few organizations are large, and the last ones too small to take part.
    sizes = [int(draws.skewed(100, "0.9", draws.standing())) + 1 for _ in standings[:-1]] + [1]
    homes = _apportioned(number["practices"], sizes, 1)
    offices = [home for home, practices in enumerate(homes) for _ in range(practices)]
    doctors = _apportioned(
        number["physicians"], [int(draws.skewed(100, "0.8", draws.standing())) + 1 for _ in offices], 1
    )
    practices: list[Practice] = []
    physicians: list[Physician] = []
    for place, (home, count) in enumerate(zip(offices, doctors, strict=True), 1):
        organization = _organization_name(home)
        practice = f"Synthetic Practice {place:04}"
        standing = draws.standing((40, standings[home]))
        near = draws.below(len(hospitals))
        primary = 0
        for nth in range(count):
            is_primary = nth == 0 or draws.happens(30)
            primary += is_primary
            name = f"Synthetic Physician {len(physicians) + 1:05}"
            hospital = hospitals[near] if draws.happens(80) else draws.one_of(hospitals)
            fees = min(draws.skewed(14_000, "0.7", draws.standing()), Decimal(95_000))
            physicians.append(Physician(name, practice, organization, hospital.name, is_primary, fees))
        members = primary * int(draws.skewed(320, "0.3", draws.standing()))
        practices.append(Practice(practice, organization, standing, primary, members))
    organizations = tuple(
        _organization(home, standing, practices, physicians, draws) for home, standing in enumerate(standings)
    )
    return State(hospitals, organizations, tuple(practices), tuple(physicians))


def _hospital(number: int, draws: Draws) -> Hospital:
    size = draws.standing()
    inpatient, outpatient = (draws.skewed(26_000_000, "1.0", draws.standing((70, size))) for _ in range(2))
    return Hospital(f"Synthetic Hospital {number + 1:03}", draws.standing((20, size)), inpatient, outpatient)


def _organization_name(number: int) -> str:
    return f"Synthetic Organization {number + 1:02}"


def _organization(
    number: int, standing: int, practices: list[Practice], physicians: list[Physician], draws: Draws
) -> Organization:
    name = _organization_name(number)
    own = [one for one in practices if one.organization == name]
    return Organization(
        name,
        standing,
        sum(one.organization == name for one in physicians),
        sum(one.primary_care for one in own),
        sum(one.members for one in own),
        45 if number == 1 else between(51, 60 + draws.standing() // 200, 90),
    )


def _apportioned(whole: int, weights: list[int], least: int) -> list[int]:
    """Return whole numbers that add up to `whole`, at least `least` each, the rest in proportion to the weights."""
    rest, total = whole - least * len(weights), sum(weights)
    running, placed, found = 0, 0, []
    for weight in weights:
        running += weight
        upto = rest * running // total
        found.append(least + upto - placed)
        placed = upto
    return found
