"""A whole made-up state through the packaged programs at once: who is scored, who is paid, and where every cent goes.

    python examples/statewide.py
    python examples/statewide.py --scale 0.05

The first is `make statewide`. 130 hospitals, 40 physician organizations, 1,700 practices and 20,000 physicians are
drawn from a seed, so every run prints the same; `--scale` makes a smaller state. The time it took goes to standard
error.
"""

from __future__ import annotations

import argparse
import sys
import time
from decimal import Decimal, InvalidOperation

from statewide.draws import Draws
from statewide.population import make_state
from statewide.run import run
from statewide.table import print_portfolio, print_samples

SEED = 20_240_101


def main(arguments: list[str]) -> None:
    """Draw the state, run the programs, print the portfolio."""
    parser = argparse.ArgumentParser(description="A whole made-up state through the packaged programs at once.")
    parser.add_argument("--scale", type=scale_of, default=Decimal(1), help="how large a state, from 0.05 to 1")
    scale = parser.parse_args(arguments).scale

    begun = time.perf_counter()
    draws = Draws(SEED)
    state = make_state(scale, draws)
    print("A made-up state: nobody in it exists, and all data are synthetic. The programs are of different years;")
    print("each is run as its edition says, with what the public record leaves open chosen for this example.\n")
    counts = (state.hospitals, state.organizations, state.practices, state.physicians)
    units = ("hospitals", "physician organizations", "practices", "physicians")
    told = ", ".join(f"{len(count):,} {unit}" for count, unit in zip(counts, units, strict=True))
    print(f"The synthetic state: {told}\n")
    portfolio = run(state, draws)
    print_portfolio(portfolio)
    print_samples(portfolio)
    seconds = time.perf_counter() - begun
    for name, took in portfolio.seconds.items():
        print(f"{took:6.2f} s  {name}", file=sys.stderr)
    print(f"{seconds:6.2f} s  in all", file=sys.stderr)


def scale_of(text: str) -> Decimal:
    """Return how large a state is wanted. Raises ArgumentTypeError."""
    try:
        scale = Decimal(text)
    except InvalidOperation:
        scale = Decimal(0)
    if not scale.is_finite() or not Decimal("0.05") <= scale <= 1:
        raise argparse.ArgumentTypeError("write a number from 0.05 to 1")
    return scale


if __name__ == "__main__":
    main(sys.argv[1:])
