"""Proofs and numeric checks as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from entropy_proofs.errors import MissingLibrary
from entropy_proofs.printing.plain import arrow as plain_arrow, plain
from entropy_proofs.proof.proof_page import headline, meaning_of_pseudo, witnesses

if TYPE_CHECKING:
    from entropy_proofs.model.model import Claim
    from entropy_proofs.points.verify import Verification
    from entropy_proofs.proving.proof import Proof

COLOURS = {"proved": "green", "partial": "yellow", "refuted": "red", "undecided": "magenta"}


def proof_text(
    proof: Proof, *, counterexample: bool = False, updates: bool = False
) -> RenderableType:
    """A proof as a page: verdict, entropy sum, terms, what it assumes, claims.

    counterexample: show a stationary point at which the plain sum fails, with all its numbers.
    updates: show EM as it was derived.
    """
    with proof.model.names().used():
        return _proof_text(proof, counterexample, updates)


def _proof_text(proof: Proof, counterexample: bool, updates: bool) -> RenderableType:
    verdict = proof.verdict.value
    parts: list[RenderableType] = [Text(), Text(headline(proof))]
    if any(term.holds for term in proof.terms):
        parts.append(_indented(Text(plain(proof.entropy_sum), style="bold")))
    if proof.pseudo:
        parts += [Text(), Text(meaning_of_pseudo(proof))]
    parts += [Text(), Text("Terms"), _terms(proof)]
    parts += _section("Field", _arrows(proof.field))
    parts += _section("Latent flow", _arrows(proof.latent_flow))
    parts += _section("Flow of q", _arrows(proof.variational_flow))
    conditions = [str(c) for c in proof.conditions]
    if not proof.whole:
        parts += _section("Holds where", conditions)
    parts += _section("Assumes", [a for a in proof.assumptions if a not in conditions])
    parts += _section("Witness", witnesses(proof))
    if counterexample or verdict == "refuted" or any(c.learned for c in proof.conditions):
        parts += _counterexample(proof, whole=counterexample)
    parts += _section("Would hold if you", [str(s) for s in proof.suggestions])
    parts += _section("Not tried to the end", filter(None, [proof.suggestions.stopped]))
    parts += _claims(proof)
    if updates:
        parts += _section("Expectation maximisation", proof.updates.lines())
    title = Text.assemble(
        (proof.model.name, "bold"),
        ": ",
        (verdict, f"bold {COLOURS[verdict]}"),
        (f"  ({proof.seconds:.2f} s)", "dim"),  # of all that stands below
    )
    return Group(title, *parts)


def verification_text(proof: Proof, verification: Verification) -> RenderableType:
    """A numeric check as a page: the residual at random points, then the fits to real data."""
    title = (proof.model.name, "bold")
    if not verification.points:
        reason = "nothing to check, since no term became an entropy"
        return Text.assemble(title, ": ", (reason, "yellow"))
    passed = ("passed", "bold green") if verification.passed else ("failed", "bold red")
    parts: list[RenderableType] = [
        Text.assemble(title, ": ", passed),
        Text(),
        Text(f"F - S = v·∇F at {verification.points} random points, largest relative residual"),
        _indented(Text(f"{verification.max_identity_residual:.1e} in double precision")),
        _indented(Text(f"{verification.max_identity_residual_mpmath:.1e} with 50 digits")),
    ]
    for point in verification.stationary_points:
        table = _table(None, None)
        table.add_row("F", f"{point.elbo:.6f}")
        table.add_row("S", f"{point.entropy_sum:.6f}")
        table.add_row("F - S", f"{point.gap:.1e}")
        table.add_row("v·∇F", f"{point.predicted_gap:.1e}")
        table.add_row("|∇F|", f"{point.gradient_norm:.1e}")
        heading = Text(f"A {point.kind} on {point.dataset}, in nats per data point")
        parts += [Text(), heading, _indented(Text(f"found by {point.fitted_by}")), _indented(table)]
    if verification.failure:
        parts += _section("No stationary point", [verification.failure])
    return Group(*parts)


def _terms(proof: Proof) -> RenderableType:
    table = _table(None, None, None)
    for term in proof.terms:
        name, style = Text(term.variable), "" if term.holds else "yellow"
        said = plain(term.entropy) if term.holds else term.shown
        table.add_row(name, Text(term.status, style), Text(said))
        if term.holds and term.is_pseudo:
            table.add_row("", "base measure", Text(f"log h = {plain(term.log_base_measure)}"))
        if term.fixes_scale:
            table.add_row("", "fixes a scale", Text(term.shown))
        if term.weight != 1:
            table.add_row("", "weight", Text(plain(term.weight)))
    if proof.model.q_weight != 1:
        table.add_row("H[q]", "weight", Text(plain(proof.model.q_weight)))
    return _indented(table)


def _claims(proof: Proof) -> list[RenderableType]:
    if not proof.claims:
        return []
    table = _table(None, None)
    for judged in proof.claims:
        statement = Text(_statement(judged.claim) or judged.statement)
        notes = [f"where {', '.join(judged.conditions)}"] if judged.conditions else []
        notes += [str(judged.witness)] if judged.witness is not None else []
        statement.append("".join(f"\n{note}" for note in notes), style="dim")
        verdict = judged.verdict.value
        table.add_row(Text(verdict, COLOURS[verdict]), statement)
    return [Text(), Text("Claims"), _indented(table)]


def _statement(claim: Claim) -> str:
    if claim.kind == "derivation":
        return ""
    if claim.kind == "field":
        return f"field {', '.join(_arrows(claim.expression))}"
    subject = "" if claim.subject is None else f" of {claim.subject}"
    return f"{claim.kind}{subject} = {plain(claim.expression)}"


def _counterexample(proof: Proof, *, whole: bool) -> list[RenderableType]:
    try:
        found = proof.counterexample
    except MissingLibrary:
        if whole:
            raise
        return []
    if found is None:
        return _section("Counterexample", ["none was constructed"]) if whole else []
    lines = [str(found)]
    if whole:
        lines += [f"{name} = {value}" for name, value in found.at.items() if name != "data"]
        lines.append("q and the data, as weighted points:")
        lines += [
            ", ".join(f"{name} = {value}" for name, value in point.items())
            for point in found.at.get("data", ())
        ]
        lines.append(f"largest stationarity condition: {found.gradient_norm}")
    return _section("Counterexample", lines)


def _section(title: str, lines: Iterable[str]) -> list[RenderableType]:
    shown = list(lines)
    if not shown:
        return []
    return [Text(), Text(title), *(_indented(Text(line)) for line in shown)]


def _arrows(directions: Mapping[Any, Any]) -> list[str]:
    return [plain_arrow(name, direction) for name, direction in directions.items()]


def _table(*headings: str | None) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        show_header=any(headings),
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading in headings:
        table.add_column(heading or "", overflow="fold")
    return table


def _indented(renderable: RenderableType) -> Padding:
    return Padding(renderable, (0, 0, 0, 2), expand=False)
