"""`entropy-proofs table`."""

from __future__ import annotations

import click

from entropy_proofs.cli.terminal.shared import (
    HOLDS,
    as_json,
    output_of,
    print_json,
    prove_all,
    write_out,
)
from entropy_proofs.document.formats import FORMATS, format_of
from entropy_proofs.document.page import ENVIRONMENTS, inside, points
from entropy_proofs.model import catalogue


@click.command()
@click.argument("models", nargs=-1, metavar="[MODEL...]")
@click.option(
    "--format",
    "layout",
    type=click.Choice(list(FORMATS)),
    default="markdown",
    help="What to write the table in.",
)
@click.option(
    "--columns",
    metavar="NAME,...",
    help="Of model, prior, observable, entropy_sum, field, verdict (which are there if this option "
    "is not), conditions, source.",
)
@click.option(
    "--width",
    default="a4",
    metavar="WIDTH",
    help="In LaTeX: a4, letter (LaTeX's article on them), column (of a two-column page), or a "
    "length such as 240pt or 88mm.",
)
@click.option(
    "--environment",
    type=click.Choice(ENVIRONMENTS),
    default="tabular",
    help="In LaTeX: longtable breaks across pages and needs that package.",
)
@click.option(
    "--caption", default="", show_default=False, metavar="TEXT", help="What stands above the table."
)
@click.option(
    "--label", default="", show_default=False, metavar="NAME", help="What refers to the table."
)
@click.option(
    "--output", metavar="FILE", help="Where to write the table, if not to standard output."
)
@as_json
def table(
    models: tuple[str, ...],
    layout: str,
    columns: str | None,
    width: str,
    environment: str,
    caption: str,
    label: str,
    output: str | None,
    as_json: bool,
) -> int:
    """Tabulate entropy sums: the MODELs', or the catalogue's.

    LaTeX compiles by itself, and with \\input where amsmath and booktabs are loaded.
    """
    form = format_of(layout)
    page = inside(points(width), environment)
    target = output_of(output, form, models, as_json=as_json)
    chosen = tuple(name.strip() for name in columns.split(",")) if columns is not None else ()
    from entropy_proofs.export.table import checked, entropy_table, table_records

    checked(chosen)
    proofs = prove_all(models or tuple(catalogue.names()))
    if as_json:
        print_json(table_records(proofs, chosen))
    else:
        document = entropy_table(proofs, chosen, caption=caption, label=label)
        write_out(form.write(document, page), target)
    return HOLDS
