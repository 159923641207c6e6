"""`entropy-proofs families`."""

from __future__ import annotations

import click

from entropy_proofs.cli.terminal.shared import HOLDS, as_json, print_json, say


@click.command()
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "markdown"]),
    default="text",
    help="What to write the list in.",
)
@as_json
def families(layout: str, as_json: bool) -> int:
    """List the families of distributions: keywords, domains, support, event, source."""
    from entropy_proofs.export.family_table import (
        families_markdown,
        families_text,
        family_json,
        family_records,
    )

    records = family_records()
    if as_json:
        print_json(list(map(family_json, records)))
    elif layout == "markdown":
        say(families_markdown(records), newline=False)
    else:
        say(families_text(records))
    return HOLDS
