"""A whole made-up state through the packaged programs at once: who is scored, who is paid, and where every cent goes.

    python examples/statewide.py
    python examples/statewide.py --scale 0.05

130 hospitals, 40 physician organizations, 1,700 practices and 20,000 physicians are drawn from a seed, so every run
prints the same; `--scale` makes a smaller state. The time it took goes to standard error.
"""

from __future__ import annotations

import argparse
import sys
import time
from decimal import Decimal

from statewide.draws import Draws
from statewide.population import make_state
from statewide.run import run
from statewide.table import print_portfolio, print_samples

SEED = 20_240_101


def main(arguments: list[str]) -> None:
    """Draw the state, run the programs, print the portfolio."""
    parser = argparse.ArgumentParser(description="A whole made-up state through the packaged programs at once.")
    parser.add_argument("--scale", type=Decimal, default=Decimal(1), help="how large a state, from 0.02 to 1")
    scale = parser.parse_args(arguments).scale

    begun = time.perf_counter()
    draws = Draws(SEED)
    state = make_state(scale, draws)
    print("A made-up state: nobody in it exists, and all data are synthetic. The programs are of different years;")
    print("each is run as its edition says, with what the public record leaves open chosen for this example.\n")
    print(
        f"{len(state.hospitals):,} hospitals, {len(state.organizations):,} physician organizations, "
        f"{len(state.practices):,} practices, {len(state.physicians):,} physicians\n"
    )
    portfolio = run(state, draws)
    print_portfolio(portfolio)
    print_samples(portfolio)
    seconds = time.perf_counter() - begun
    for name, took in portfolio.seconds.items():
        print(f"{took:6.2f} s  {name}", file=sys.stderr)
    print(f"{seconds:6.2f} s  in all", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
