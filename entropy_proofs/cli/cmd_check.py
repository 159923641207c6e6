"""`entropy-proofs check`: certificates, by the kernel alone."""

from __future__ import annotations

import click

from entropy_proofs.cli.terminal.shared import UNUSABLE, as_json, one_or_all, print_json, say


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@as_json
def check(files: tuple[str, ...], as_json: bool) -> int:
    """Re-check certificates, each a FILE, with the kernel alone.

    Exit status: 0 verified, 1 rejected, 2 not a certificate; of several files the highest.
    """
    from entropy_proofs.kernel.__main__ import checked

    results = [checked(file) for file in files]
    if as_json:
        print_json(one_or_all([result.record() for result in results]))
    for result in results:
        if not as_json or result.status == UNUSABLE:
            say(result.line, err=result.status == UNUSABLE)
    return max(result.status for result in results)
