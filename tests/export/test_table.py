"""The table of entropy sums in Markdown and LaTeX."""

from __future__ import annotations

import re

import pytest

import entropy_proofs as ep
from entropy_proofs.export.table import (
    HEADINGS,
    latex_table,
    markdown_table,
    table_records,
)
from entropy_proofs.model import catalogue

NAMES = ["gaussian_mixture", "poisson_mixture", "ppca", "vae_0", "vae_3"]


@pytest.fixture(scope="module")
def proofs():
    return [ep.prove(ep.load(name)) for name in NAMES]


def test_records_have_a_row_per_model(proofs):
    records = table_records(proofs)
    assert [record["model"] for record in records] == [proof.model.name for proof in proofs]
    keys = {heading.lower().replace(" ", "_") for heading in HEADINGS} | {"conditions"}
    assert all(set(record) == keys for record in records)
    assert [record["verdict"] for record in records] == [str(proof.verdict) for proof in proofs]


def test_markdown_is_a_table(proofs):
    lines = markdown_table(proofs).splitlines()
    header = "| Model | Prior | Observable | Entropy sum | Field | Verdict |"
    titles = [line for line in lines if line.startswith("## ")]
    assert len(titles) == lines.count(header) == len({proof.model.group for proof in proofs})
    for line in lines:
        if line and line not in titles and not line.startswith("* "):
            assert len(re.findall(r"(?<!\\)\|", line)) == len(HEADINGS) + 1
    for proof in proofs:
        assert sum(line.startswith(f"| {proof.model.name} |") for line in lines) == 1


def test_one_group_needs_no_title(proofs):
    assert markdown_table(proofs[:1]).startswith("| Model |")
    assert r"\emph" not in latex_table(proofs[:1])


def test_conditions_stand_by_the_sum():
    model = ep.Model("one plus a square")
    w = model.parameter("w")
    model.observed("x", ep.Normal(mean=0, variance=1 + w**2))
    proof = ep.prove(model)
    assert table_records([proof])[0]["conditions"] == ("w ≠ 0",)
    where = r"\text{where } w \neq 0"
    (row,) = (s for s in markdown_table([proof]).splitlines() if s.startswith("| one plus"))
    assert where in row.split(" | ")[3]
    assert where in latex_table([proof])
    assert where in proof._repr_latex_()


def test_pseudo_entropies_are_named_below(proofs):
    notes = [s for s in markdown_table(proofs).splitlines() if s.startswith("* ")]
    named = [s for s in notes if "pseudo-entropy, E[-log p + log h]" in s]
    assert [s.partition(":")[0] for s in named] == ["* Poisson mixture"]


def test_prior_and_observable_are_told_apart(proofs):
    record = table_records(proofs)[NAMES.index("poisson_mixture")]
    assert record["prior"] == ("c ~ Categorical(rho)",)
    assert record["observable"] == ("x[d] ~ Poisson(lam[c,d])",)


def test_a_density_of_the_user_is_shown_by_its_formula():
    (record,) = table_records([ep.prove(ep.load("cauchy_distribution"))])
    (observable,) = record["observable"]
    assert observable.startswith("log p(x) = ")
    assert record["entropy_sum"] == ()


def test_latex_compiles_by_itself(proofs, pdflatex, tmp_path):
    (tmp_path / "table.tex").write_text(latex_table(proofs), encoding="utf-8")
    log = pdflatex(tmp_path / "table.tex")
    assert "Overfull" not in log


def test_latex_compiles_inside_a_paper(proofs, pdflatex, tmp_path):
    (tmp_path / "table.tex").write_text(latex_table(proofs), encoding="utf-8")
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\n\\usepackage{amsmath,booktabs}\n\\begin{document}\n"
        "Before\n\\begin{table}\\input{table}\\end{table}\nAfter\n\\end{document}\n",
        encoding="utf-8",
    )
    pdflatex(tmp_path / "paper.tex")


def test_the_whole_catalogue_compiles(pdflatex, tmp_path):
    proofs = [ep.prove(ep.load(name)) for name in catalogue.names()]
    (tmp_path / "table.tex").write_text(latex_table(proofs), encoding="utf-8")
    pdflatex(tmp_path / "table.tex")


def test_special_characters_of_a_name_are_escaped():
    model = ep.Model("A & B_1 | 50%")
    model.observed("x", ep.Normal(mean=0, variance=model.parameter("s", domain="positive")))
    proof = ep.prove(model)
    assert r"A \& B\_1 | 50\%" in latex_table([proof])
    assert r"A & B_1 \| 50%" in markdown_table([proof])
