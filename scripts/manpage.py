"""Write `deploy/turnus.1`, the page of `man turnus`, from what the commands say of themselves."""

import argparse
import os
import re
from collections.abc import Iterator
from pathlib import Path

from turnus.cli.main import COMMANDS, build_parser

TARGET = Path(__file__).resolve().parent.parent / "deploy" / "turnus.1"
ADMIN = Path(__file__).resolve().parent.parent / "docs" / "admin" / "README.md"


def page() -> str:
    """Return the page in the language of `man`."""
    os.environ["COLUMNS"] = "80"
    parser = build_parser()
    commands = _subparsers(parser)
    lines = [
        ".TH TURNUS 1",
        ".SH NAME",
        "turnus \\- a self-hosted sales CRM that knows that deals recur",
        ".SH SYNOPSIS",
        ".B turnus",
        "[\\-\\-data \\fIDIR\\fR] \\fICOMMAND\\fR ...",
        ".SH DESCRIPTION",
        "An instance is a folder with everything in it, or a folder and a PostgreSQL database.",
        ".SH COMMANDS",
    ]
    for name in COMMANDS:
        lines += _command(name, commands[name])
    lines += [".SH ENVIRONMENT", *_environment()]
    return "\n".join(lines) + "\n"


def _subparsers(
    parser: argparse.ArgumentParser,
) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001 (argparse has no other way)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 (argparse has no other way)
            return dict(action.choices)
    message = "the parser has no commands"
    raise ValueError(message)


def _command(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f".SS turnus {name}"
    yield _escaped(parser.description or "")
    for action in parser._actions:  # noqa: SLF001 (argparse has no other way)
        if (
            action.help in {argparse.SUPPRESS, None}
            or "-h" in action.option_strings
        ):
            continue
        yield ".TP"
        yield f".B {_escaped(_names(action))}"
        yield _escaped(str(action.help) % {"default": action.default})
    if parser.epilog:
        yield ".PP"
        yield ".nf"
        yield _escaped(parser.epilog.strip())
        yield ".fi"


def _names(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    takes_value = action.nargs != 0
    word = action.metavar or action.dest.upper()
    value = " ".join(word) if isinstance(word, tuple) else word
    if action.choices and not action.metavar:
        value = "|".join(map(str, action.choices))
    if not names:
        return value
    return f"{names} {value}" if takes_value else names


def _environment() -> Iterator[str]:
    """Yield the table of the settings that the admin's page has."""
    for line in ADMIN.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and re.match("`[A-Z_]+`", cells[0]):
            yield ".TP"
            yield f".B {_escaped(cells[0].replace('`', ''))}"
            words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cells[1]).replace(
                "`", ""
            )
            yield _escaped(f"{words} (default: {cells[2].replace('`', '')})")


def _escaped(text: str) -> str:
    """Return text as `man` takes it: a dash stays a dash, and no line is a command by accident."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", escaped, flags=re.MULTILINE)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
