"""`entropy-proofs table`."""

from __future__ import annotations

import click

from entropy_proofs.cli.shared import (
    HOLDS,
    as_json,
    print_json,
    prove_all,
    say,
)
from entropy_proofs.model import catalogue


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL...]")
@click.option(
    "--format",
    "layout",
    type=click.Choice(["markdown", "latex"]),
    default="markdown",
    show_default=True,
    help="What to write the table in.",
)
@as_json
def table(models: tuple[str, ...], layout: str, as_json: bool) -> int:
    """Tabulate entropy sums: the MODELs', or the catalogue's."""
    proofs = prove_all(models or tuple(catalogue.names()))
    from entropy_proofs.export.table import latex_table, markdown_table, table_records

    if as_json:
        print_json(table_records(proofs))
    else:
        say({"latex": latex_table, "markdown": markdown_table}[layout](proofs), newline=False)
    return HOLDS
