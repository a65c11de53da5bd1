"""A program, its participants, and how a command is run on them."""

from __future__ import annotations

from pathlib import Path

from tests.testing.programs import TEST, write

PAYMENTS = "hospital,payments,signed,screening.met,screening.eligible,follow_up.met,follow_up.eligible\n"
A = "A,1234.56,yes,1,3,not_reported,3\n"
B = "B,1000,no,2,2,1,2\n"
BAD = "C,99999999,yes,1,3,1,1\n"


def make(folder: Path, *rows: str) -> list[str]:
    """Write a program and its data; return the arguments that name them."""
    write(folder, TEST)
    (folder / "hospital.csv").write_text("".join([PAYMENTS, *rows]), encoding="utf-8")
    (folder / "stay.csv").write_text("hospital,number,days\nA,1,31\nA,2,30\n", encoding="utf-8")
    (folder / "cohort.json").write_text('{"trend": "2.5%"}', encoding="utf-8")
    given = ["--data", f"hospital={folder}/hospital.csv", "--data", f"stay={folder}/stay.csv"]
    return [str(folder / "2024.yaml"), *given, "--parameter", "share=10%", "--cohort", str(folder / "cohort.json")]
