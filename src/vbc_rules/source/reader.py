"""Bytes to a tree of text with spans. Everything the rule language does not allow in a file at all is refused here.

The reader gives no types: `010001` stays an identifier and `1.10` keeps its digits. Where the author's intent is plain
it also repairs what it refuses (a pasted dash, a forgotten quote), so that later stages tell only their own errors.
"""

from __future__ import annotations

import codecs
import itertools
import pathlib
from importlib.resources.abc import Traversable

from vbc_rules.source import characters, limits
from vbc_rules.source.diagnostic import Findings
from vbc_rules.source.span import SourceFile, Span
from vbc_rules.source.tree import Block


def read_file(path: pathlib.Path | Traversable, findings: Findings) -> Block | None:
    """Read a rule file; its name in diagnostics is the path as given. See `read_text` for what is returned."""
    name = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(limits.MAX_BYTES + 1)
    except FileNotFoundError:
        findings.error("VBC001", "there is no such file", _start(name), "write the path of a rule file that exists")
    except IsADirectoryError:
        findings.error("VBC001", "this is a folder, not a file", _start(name), "write the path of one rule file")
    except OSError as error:
        findings.error("VBC001", f"the file cannot be read: {error.strerror}", _start(name), "make the file readable")
    else:
        return read_bytes(data, name, findings)
    return None


def read_bytes(data: bytes, name: str, findings: Findings) -> Block | None:
    """Read a rule file's bytes, which are UTF-8 with or without a byte order mark. See `read_text`."""
    if len(data) > limits.MAX_BYTES:
        _too_large(name, findings)
        return None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        findings.error("VBC003", "the file is saved as UTF-16", _start(name), "save the file as UTF-8")
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        span = Span(SourceFile(name, data.decode("utf-8", "replace")), line, column, line, column + 1)
        message = f"the byte {data[error.start]:02X} is not UTF-8"
        findings.error("VBC003", message, span, "save the file as UTF-8, then check this character")
        return None
    return read_text(text, name, findings)


def read_text(text: str, name: str, findings: Findings) -> Block | None:
    """Read a rule file's text into its tree; every error found is added to `findings`.

    Returns None when there is no whole tree: the YAML ends in a syntax error, a limit is passed, or the outermost level
    is not keys. Otherwise the tree is returned even beside errors, with what was refused repaired or left out, so that
    the stages that follow can tell their errors too; it must not be run unless `findings` has no errors.
    """
    if len(text) > limits.MAX_BYTES:
        _too_large(name, findings)
        return None
    if text.count("\n") > limits.MAX_LINES:
        message = f"the file has more than {limits.MAX_LINES:,} lines"
        findings.error("VBC002", message, _start(name), "write one program and edition per file")
        return None
    file = SourceFile(name, text.removeprefix("\ufeff"))
    from vbc_rules.source.builder import build  # noqa: PLC0415 - loads PyYAML, which importing the library must not

    return build(file, _without_controls(file, findings), findings)


def _without_controls(file: SourceFile, findings: Findings) -> str:
    """Report the characters that may stand nowhere; return the text with spaces for them and only line feeds."""
    text, forbidden = file.text, characters.FORBIDDEN
    if forbidden.search(text):
        line, start = 1, 0
        for match in itertools.islice(forbidden.finditer(text), limits.MAX_ERRORS):
            offset = match.start()
            line += text.count("\n", start, offset)
            start = offset
            column = offset - text.rfind("\n", 0, offset)
            message = f"the character {characters.name_of(match.group())} may not stand in a rule file"
            findings.error("VBC004", message, Span(file, line, column, line, column + 1), "delete this character")
        text = forbidden.sub(" ", text)
    return text.replace("\r\n", "\n")


def _too_large(name: str, findings: Findings) -> None:
    message = f"the file is larger than {limits.MAX_BYTES:,} bytes"
    findings.error("VBC002", message, _start(name), "write one program and edition per file")


def _start(name: str) -> Span:
    return Span(SourceFile(name, ""), 1, 1, 1, 1)
