"""`entropy-proofs report`: full derivations, as the appendix of a paper has them."""

from __future__ import annotations

import time

import click

from entropy_proofs.cli.terminal.shared import (
    as_json,
    checked_status,
    one_or_all,
    output_of,
    print_json,
    progress,
    prove_all,
    status,
    worst,
    write_out,
)
from entropy_proofs.document.formats import of_documents
from entropy_proofs.model import catalogue


@click.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(of_documents()),
    help="What to write; else what the output's suffix says, else markdown. PDF needs pdflatex.",
)
@click.option("--output", metavar="FILE", help="Where to write it, if not to standard output.")
@click.option(
    "--vectors",
    type=click.Choice(["bold", "arrow"]),
    default="bold",
    help="How vectors are printed.",
)
@click.option(
    "--per-datum",
    is_flag=True,
    help="Write 1/N times a sum over data points, with q(n) of each, for the average over q.",
)
@click.option("--verify", is_flag=True, help="Verify each MODEL in numbers, and report them too.")
@as_json
def report(
    models: tuple[str, ...],
    format_name: str | None,
    output: str | None,
    vectors: str,
    per_datum: bool,
    verify: bool,
    as_json: bool,
) -> int:
    """Write each MODEL's derivation: model, bound, criterion, proof, sum, evidence, sources.

    Several models make one document. With --json and no --output each record has its own text.
    """
    from entropy_proofs.derivation.appendix import derivations, derived
    from entropy_proofs.derivation.report_files import chosen_format, chosen_notation
    from entropy_proofs.proving.processes import collect_seldom

    chosen = chosen_format(format_name, output)
    notation = chosen_notation(vectors, per_datum)
    target = output_of(output, chosen, models, as_json=False)  # with --json it is written too
    collect_seldom()
    proofs = prove_all(models)
    statuses = [status(proof) for proof in proofs]
    parts, records = [], []
    for name, proof in zip(models, proofs, strict=True):
        start, before = time.perf_counter(), proof.seconds
        verification = None
        if verify:
            from entropy_proofs.points.verify import verify as verify_proof

            with progress(f"verifying {proof.model.name}"):
                verification = verify_proof(proof)
            statuses.append(checked_status(verification.passed, proof.verdict.value))
        with progress(f"deriving {proof.model.name}"):
            source = catalogue.source(name)
            parts.append(derived(proof, notation, verification, source))
        record: dict[str, object] = {
            "model": proof.model.name,
            "verdict": proof.verdict.value,
            "format": chosen.name,
            "output": output,
            "seconds": round(before + time.perf_counter() - start, 3),
        }
        if as_json and target is None:
            record["text"] = chosen.write(derivations(parts[-1:]))
        records.append(record)
    if target is not None or not as_json:
        with progress(f"writing {chosen.name}"):
            contents = chosen.write(derivations(parts))
        write_out(contents, target)
    if as_json:
        print_json(one_or_all(records))
    return worst(statuses)
