"""`entropy-proofs list`."""

from __future__ import annotations

import click

from entropy_proofs.cli.terminal.shared import HOLDS, as_json, print_json, say
from entropy_proofs.model import catalogue


@click.command("list")
@as_json
def list_models(as_json: bool) -> int:
    """Show the models of the catalogue, by group."""
    sources = {name: catalogue.source(name) for name in catalogue.names()}
    groups = {name: catalogue.group(name) for name in sources}
    titles = {name: text.partition("\n")[0] for name, text in sources.items()}
    if as_json:
        records = [
            {"name": name, "group": groups[name], "title": titles[name], "source": text}
            for name, text in sources.items()
        ]
        print_json(records)
        return HOLDS
    width = max(map(len, titles), default=0)
    for group in sorted(set(groups.values())):
        say(group)
        for name in (n for n in titles if groups[n] == group):
            say(f"  {name:<{width}}  {titles[name]}")
    return HOLDS
