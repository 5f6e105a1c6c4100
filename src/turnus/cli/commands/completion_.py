"""Print what lets a shell complete commands, flags and file names.

examples:
  turnus completion bash > ~/.local/share/bash-completion/completions/turnus
  turnus completion zsh  > ~/.zfunc/_turnus          ~/.zfunc must be in fpath, before compinit
  turnus completion fish > ~/.config/fish/completions/turnus.fish

It holds from the next shell on. After an upgrade, write it again.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from turnus.cli.terminal import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say for which shell."""
    parser.add_argument(
        "shell", choices=["bash", "zsh", "fish"], help="the shell"
    )


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    from turnus.cli.main import build_parser

    parser = build_parser()
    for action in _actions(parser):
        if action.type is Path:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # read by shtab
        elif action.dest == "data":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]  # read by shtab
    tell(shtab.complete(parser, options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of all its commands."""
    for action in parser._actions:  # noqa: SLF001 (argparse has no other way to read them)
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 (the only name it has)
            for command in action.choices.values():
                yield from _actions(command)
