"""`entropy-proofs prove`: the verdict, the sum, and what was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from entropy_proofs.cli.terminal.shared import (
    as_json,
    one_or_all,
    print_all,
    print_json,
    prove_all,
    say,
    status,
    worst,
)
from entropy_proofs.errors import InputError

if TYPE_CHECKING:
    from entropy_proofs.proving.proof import Proof


@click.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--counterexample",
    is_flag=True,
    help="Where the plain sum fails, construct a stationary point that shows it.",
)
@click.option("--statement", is_flag=True, help="Print the model as the kernel sees it, no more.")
@click.option(
    "--certificate",
    metavar="FILE",
    help="Write what the kernel checked, if all or some terms hold; `check` re-checks it.",
)
@click.option("--updates", is_flag=True, help="Derive EM: the optimum of every block, and of q.")
@as_json
def prove(
    models: tuple[str, ...],
    counterexample: bool,
    statement: bool,
    certificate: str | None,
    updates: bool,
    as_json: bool,
) -> int:
    """Prove each MODEL's entropy sum, or say why it does not hold."""
    target = None
    if certificate is not None:
        from entropy_proofs.files import check_writable, write

        if len(models) > 1:
            raise InputError("--certificate takes one model, not several")
        target = check_writable(certificate, models[0])
    proofs = prove_all(models)
    if target is not None and proofs[0].certificate is not None:
        write(target, proofs[0].certificate.to_json())
    shown = {"counterexample": counterexample, "updates": updates}
    if statement:
        texts = [_statement_of(proof) for proof in proofs]
        if as_json:
            print_json(one_or_all([{"statement": text} for text in texts]))
        else:
            say("\n\n".join(texts))
    elif as_json:
        from entropy_proofs.export.json import proof_record

        print_json(one_or_all([proof_record(proof, **shown) for proof in proofs]))
    else:
        from entropy_proofs.export.text import proof_text

        print_all(proof_text(proof, **shown) for proof in proofs)
    return worst(map(status, proofs))


def _statement_of(proof: Proof) -> str:
    if proof.statement is None:
        raise InputError(f"{proof.model.name}: {proof.terms[0].reason}")
    return str(proof.statement)
