"""The command line: `entropy-proofs` with the commands of the table below.

Exit status 0: what was asked holds; 1: it does not; 2: the input is unusable, one line on
standard error says why; 3: undecided. Heavy imports happen inside the commands, so that
`--help` answers at once.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pkgutil import resolve_name
from typing import NoReturn

import click

from entropy_proofs.cli.terminal.shared import INTERRUPTED, UNUSABLE, say
from entropy_proofs.cli.terminal.streams import guarded
from entropy_proofs.errors import InputError
from entropy_proofs.spelling import did_you_mean
from entropy_proofs.version import __version__

#: The commands, in the order in which help shows them: each is one file, with a click command.
COMMANDS = {
    "list": "entropy_proofs.cli.cmd_list:list_models",
    "families": "entropy_proofs.cli.cmd_families:families",
    "prove": "entropy_proofs.cli.cmd_prove:prove",
    "check": "entropy_proofs.cli.cmd_check:check",
    "verify": "entropy_proofs.cli.cmd_verify:verify",
    "learn": "entropy_proofs.cli.cmd_learn:learn",
    "audit": "entropy_proofs.cli.cmd_audit:audit",
    "table": "entropy_proofs.cli.cmd_table:table",
    "report": "entropy_proofs.cli.cmd_report:report",
    "codegen": "entropy_proofs.cli.cmd_codegen:codegen",
}


LONGEST = 1000  # characters of an error's line
_UNWRITTEN = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}
_EXPECTED = click.ClickException, InputError, ModuleNotFoundError, MemoryError


class Commands(click.Group):
    """The commands of the table, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            raise click.UsageError(f"no such command {name!r}{did_you_mean(name, COMMANDS)}", ctx)
        command: click.Command = resolve_name(COMMANDS[name])
        return command


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "show_default": True,
    },
)
@click.version_option(__version__, prog_name="entropy-proofs")
def cli() -> None:
    """Prove that the ELBO of a latent-variable model is a sum of entropies.

    MODEL is a name from `entropy-proofs list` or the path of a Python file that defines one
    Model named `model`.

    Exit status: 0 what was asked holds, 1 it does not, 2 the input is unusable, 3 undecided.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with the status that it states.

    A failure of the program itself is no answer about the model, so it never exits 0, 1 or 3. What
    cannot be written, since the disk is full, is an error too; a reader that went away, or a closed
    standard error, is none.
    """
    with guarded() as (out, _):
        status = _status(arguments)
        out.flush()
        if isinstance(out.failure, OSError) and out.failure.errno in _UNWRITTEN:
            _complain(f"standard output: {out.failure.strerror}")
            status = UNUSABLE
    sys.exit(status)


def _status(arguments: Sequence[str] | None) -> int:
    """What the command returns, or what its failure means."""
    try:
        return int(cli.main(arguments, prog_name="entropy-proofs", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.ctx.get_help(), err=True)
        return UNUSABLE
    except click.Abort:
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("ENTROPY_PROOFS_DEBUG") and not isinstance(error, _EXPECTED):
            raise
        _complain(_described(error))
        return UNUSABLE


def _described(error: Exception) -> str:
    """What a line says of a failure: of unusable input, of the machine, or of this program."""
    match error:
        case click.ClickException():
            return error.format_message()
        case InputError():
            return str(error)
        case ModuleNotFoundError():
            return f"{error.name} is not installed"
        case MemoryError():
            return f"there is not enough memory for this: {error}".rstrip(": ")
    return (
        f"internal error: {type(error).__name__}: {error}; "
        "ENTROPY_PROOFS_DEBUG=1 shows the traceback"
    )


def _complain(message: str) -> None:
    line = " ".join(message.split())
    if len(line) > LONGEST:
        line = f"{line[: LONGEST - 60]} ... {line[-50:]}"
    say(f"entropy-proofs: error: {line}", err=True)
