"""Expectation maximisation, derived: an algorithm box with what was shown of each step."""

from __future__ import annotations

from typing import Any

from entropy_proofs.document.blocks import Paragraph, Section

_INTRODUCTION = (
    "Each step below takes a block to the optimum of the bound over it, given the newest values of "
    "everything else; a maximum never lets the bound fall."
)


def em_section(proof: Any) -> Section | None:
    """The E-step and the M-step; None where there is nothing to solve."""
    updates = proof.updates
    if not updates.m_step and not updates.e_step:
        return None
    blocks = (Paragraph((_INTRODUCTION,)), *updates.steps())
    return Section(("Expectation maximisation",), blocks)
