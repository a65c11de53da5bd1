"""What each kind of code block in a document must do: the documents are written, and tested, in these terms.

A document's blocks run in order, in one folder of their own.

- ``python`` is executed; what it prints is kept.
- ``shell`` has `vbc-rules` commands, which are run; what they print is kept. A command that must fail ends in
  `# exits 1`. `cat` shows a file; `make`, `git` and `pip` lines are for people.
- ``text`` is what the block before it printed, exactly; a line `...` stands for any lines. ACCEPT_GOLDEN=1 writes it
  anew where it has no such line.
- ``yaml`` is saved where its first line is `# name.yaml`. A whole program must pass the checks, a file of rule tests
  must pass, a mapping must fit its program. Sections of a program are completed by PREAMBLE and must pass the checks;
  or, where the first line is `# refused: VBC501` (of a whole program `# name.yaml, refused: VBC501`), must be refused
  with that code and no other, and what is said of it is kept. `given` and `expect` are a test of the program before
  them, and so are `participants` and `expect`.
- ``csv`` and ``json`` are saved under the name in the comment before them, `<!-- name.csv -->`.
- Blocks that name no language are pictures and grammars.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sybil import Document, Example, Sybil
from sybil.parsers.myst import CodeBlockParser

import vbc_rules as vbc
from vbc_rules.frames import read_mapping
from vbc_rules.testing import run_tests

PREAMBLE: Final = {
    "program": "program: docs/example",
    "edition": "edition: 2024",
    "language": "language: 1",
    "title": "title: An example",
    "participant": "participant: hospital",
    "in_force": "in_force: {from: 2024-01-01, through: 2024-12-31}",
    "measured_over": "",
    "currency": "",
    "sources": "sources:\n  guide: {title: Program guide}",
}
"""What completes the sections of a program that a document shows; `docs/language.md` tells its readers the same."""

SECTIONS: Final = (
    *PREAMBLE, "parameters", "levels", "inputs", "expected", "values", "gates", "payments", "guarantees",
)  # fmt: skip
_LANGUAGES: Final = ("python", "shell", "text", "yaml", "csv", "json")
_FENCE = re.compile(r"^ {0,3}```+([^\s`]*)", re.MULTILINE)
_KEY = re.compile(r"^([a-z_]+):", re.MULTILINE)
_FILE = re.compile(r"# ([\w.-]+\.yaml)(?:, refused: VBC\d{3})?\n")
_REFUSED = re.compile(r"# (?:[\w.-]+\.yaml, )?refused: (VBC\d{3})\n")
_SAVED_AS = re.compile(r"<!-- ([\w.-]+\.(?:csv|json)) -->\n\Z")
_FOR_PEOPLE: Final = ("make", "git", "pip", "python")


def read(path: Path) -> Document:
    """Return a document with its blocks."""
    evaluators: dict[str, Callable[[Example], str | None]] = {
        "python": _python,
        "shell": _shell,
        "text": _text,
        "yaml": _yaml,
        "csv": _saved,
        "json": _saved,
    }
    return Sybil([CodeBlockParser(language, evaluators[language]) for language in _LANGUAGES]).parse(path)


def unknown_languages(path: Path) -> set[str]:
    """Return the languages of blocks that nothing here would test."""
    opening = _FENCE.findall(path.read_text(encoding="utf-8"))[::2]
    return {language for language in opening if language and language not in _LANGUAGES}


def accept(document: Document) -> None:
    """Write what was printed into the document: with ACCEPT_GOLDEN=1, to be read before it is kept."""
    text = document.text
    for start, end, block in reversed(document.namespace.get("__accepted__", [])):
        text = text[:start] + block + text[end:]
    if text != document.text:
        Path(document.path).write_text(text, encoding="utf-8")


# --- what is run


def _python(example: Example) -> None:
    # Padded to its place, so that a traceback names the document's line.
    source = "\n" * (example.line + 1) + str(example.parsed)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(source, example.path, "exec", dont_inherit=True), example.namespace)  # noqa: S102 (its job)
    example.namespace["__printed__"] = printed.getvalue()


def _shell(example: Example) -> None:
    from vbc_rules.cli import main

    printed = io.StringIO()
    for line in re.sub(r"\\\n\s*", "", str(example.parsed)).splitlines():
        command, _, comment = line.partition("  # ")
        words = shlex.split(command)
        if not words or words[0] in _FOR_PEOPLE:
            continue
        if words[0] == "cat":
            printed.write("".join(Path(name).read_text(encoding="utf-8") for name in words[1:]))
            continue
        assert words[0] == "vbc-rules", f"nobody runs `{words[0]}` here"
        wanted = int(comment.removeprefix("exits ")) if comment.startswith("exits ") else 0
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                code = main(words[1:])
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        assert code == wanted, f"`{command}` exits {code}\n{printed.getvalue()}"
    example.namespace["__printed__"] = printed.getvalue()


def _text(example: Example) -> None:
    printed = example.namespace.pop("__printed__", None)
    assert printed is not None, "this text follows no block that prints"
    if os.environ.get("ACCEPT_GOLDEN") == "1" and "\n...\n" not in f"\n{example.parsed}":
        lines = [line.rstrip() for line in str(printed).strip("\n").splitlines()]
        accepted = example.namespace.setdefault("__accepted__", [])
        accepted.append((example.start, example.end, "\n".join(["```text", *lines, "```"])))
        return
    wanted = str(example.parsed).strip("\n").splitlines()
    pattern = "\n".join(r"(?:.*(?:\n|\Z))*?.*?" if line == "..." else re.escape(line.rstrip()) for line in wanted)
    found = "\n".join(line.rstrip() for line in str(printed).strip("\n").splitlines())
    assert re.fullmatch(pattern, found) is not None, f"other than written, this was printed:\n{found}"


def _saved(example: Example) -> None:
    name = _SAVED_AS.search(example.document.text[: example.start])
    if name is not None:
        Path(name[1]).write_text(str(example.parsed), encoding="utf-8")
    if example.region.lexemes["arguments"] == "json":
        json.loads(str(example.parsed))


# --- what is declared


def _yaml(example: Example) -> None:
    text = str(example.parsed)
    named = _FILE.match(text)
    keys = _KEY.findall(text)
    if named is not None:
        Path(named[1]).write_text(text, encoding="utf-8")
    if "given" in keys or "participants" in keys:
        _case(example, text)
    elif "tests" in keys:
        assert named is not None, "a file of rule tests needs its name, `# name.tests.yaml`"
        _passes(named[1])
    elif "mapping" in keys:
        assert named is not None, "a mapping needs its name, `# name.mapping.yaml`"
        read_mapping(Path(named[1]), vbc.load(example.namespace["__program__"]).resolved)
    else:
        _program(example, text, Path(named[1]) if named is not None else Path("example.yaml"))


def _program(example: Example, text: str, path: Path) -> None:
    """Check a program; one that is shown in parts is completed first."""
    refused = _REFUSED.match(text)
    if not text.startswith(("program:", "# ")) or "program" not in _KEY.findall(text):
        text = completed(text.removeprefix(refused[0]) if refused else text)
    path.write_text(text, encoding="utf-8")
    errors = [found for found in vbc.check_file(path) if found.severity == "error"]
    if refused is not None:
        assert [found.code for found in errors] == [refused[1]], str(errors and vbc.RuleFileError(errors))
        example.namespace["__printed__"] = str(vbc.RuleFileError(errors))
        return
    assert not errors, str(vbc.RuleFileError(errors))
    example.namespace["__program__"] = str(path)


def completed(sections: str) -> str:
    """Return the whole program of some sections."""
    starts = [*_KEY.finditer(sections)]
    ends = [*(start.start() for start in starts[1:]), len(sections)]
    written = {start[1]: sections[start.start() : end].rstrip("\n") for start, end in zip(starts, ends, strict=True)}
    unknown = [key for key in written if key not in SECTIONS]
    assert not unknown, f"no sections of a program: {unknown}"
    parts = {**PREAMBLE, **written}
    return "\n".join(parts[key] for key in SECTIONS if parts.get(key)) + "\n"


def _case(example: Example, text: str) -> None:
    program = Path(example.namespace["__program__"])
    name = f"{program.name.removesuffix('.yaml')}.tests.yaml"
    loaded = vbc.load(program).identifier
    body = textwrap.indent(text.rstrip("\n"), "    ")
    if "because" not in _KEY.findall(text):
        body = f"    because: the document says so\n{body}"
    Path(name).write_text(f"program: {loaded}\ntests:\n  - name: Line {example.line}\n{body}\n", encoding="utf-8")
    _passes(name)


def _passes(name: str) -> None:
    verdicts = run_tests(Path(name))
    assert verdicts, f"there are no tests in {name}"
    failed = [verdict for verdict in verdicts if not verdict.passed]
    assert not failed, "\n".join(map(str, failed))
