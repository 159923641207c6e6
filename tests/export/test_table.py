"""The table of entropy sums as records and as a document in every format."""

from __future__ import annotations

import csv
import io
import re
from functools import cache

import pytest
from document.test_latex_writer import PAPER, too_wide

import entropy_proofs as ep
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.document.page import inside
from entropy_proofs.export.table import COLUMNS, DEFAULT, entropy_table, table_records

NAMES = ["gaussian_mixture", "poisson_mixture", "ppca", "vae_0", "vae_3"]


@pytest.fixture(scope="module")
def proofs():
    return [ep.prove(ep.load(name)) for name in NAMES]


def markdown(proofs, *columns):
    return FORMATS["markdown"].write(entropy_table(proofs, columns), inside(345))


def latex(proofs, *columns, **options):
    return FORMATS["latex"].write(entropy_table(proofs, columns, **options), inside(345))


@cache
def scale_of(name):
    model = ep.Model(name)
    model.observed("x", ep.Normal(mean=0, variance=model.parameter("s", domain="positive")))
    return ep.prove(model)


# records ------------------------------------------------------------------------------------------
def test_records_have_a_row_per_model(proofs):
    records = table_records(proofs)
    assert [record["model"] for record in records] == [proof.model.name for proof in proofs]
    assert all(list(record) == [*DEFAULT, "conditions"] for record in records)
    assert [record["verdict"] for record in records] == [str(proof.verdict) for proof in proofs]


def test_records_have_the_columns_that_are_asked_for(proofs):
    assert table_records(proofs[2:3], ("source", "model")) == [
        {
            "source": ("tipping1999", "bishop2006", "damm2023", "warnken2025"),
            "model": "Probabilistic PCA",
        }
    ]


def test_prior_and_observable_are_told_apart(proofs):
    record = table_records(proofs)[NAMES.index("poisson_mixture")]
    assert record["prior"] == ("c ~ Categorical(rho)",)
    assert record["observable"] == ("x[d] ~ Poisson(lam[c,d])",)


def test_a_density_of_the_user_is_shown_by_its_formula():
    proof = ep.prove(ep.load("cauchy_distribution"))
    (record,) = table_records([proof])
    (observable,) = record["observable"]
    assert observable.startswith("log p(x) = ")
    assert record["entropy_sum"] == ()
    assert r"$`\log p(x) = \log" in markdown([proof])


@pytest.mark.parametrize("columns", [("mdel",), ("model", "model"), ("",)])
def test_columns_that_are_none_are_said_in_one_line(columns):
    for made in (entropy_table, table_records):
        with pytest.raises(ep.InputError, match=repr(columns[-1])):
            made([], columns)


# the document -------------------------------------------------------------------------------------
def test_models_are_grouped_as_in_the_list(proofs):
    lines = markdown(proofs).splitlines()
    titles = [line.strip("*") for line in lines if re.fullmatch(r"\*\*.+\*\*", line)]
    groups = sorted({proof.model.group for proof in proofs}, key=str.lower)
    assert [title.lower() for title in titles] == groups
    header = "| Model | Prior | Observable | Entropy sum | Field | Verdict |"
    assert lines.count(header) == len(titles)
    for line in lines:
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == len(DEFAULT) + 1
    for proof in proofs:
        assert sum(line.startswith(f"| {proof.model.name} |") for line in lines) == 1


def test_one_group_needs_no_title(proofs):
    assert markdown(proofs[:1]).startswith("| Model |")
    assert r"\emph" not in latex(proofs[:1])


def test_columns_come_in_the_order_in_which_they_are_asked_for(proofs):
    assert markdown(proofs[2:3], "verdict", "model").splitlines() == [
        "| Verdict | Model |",
        "| --- | --- |",
        "| proved | Probabilistic PCA |",
    ]


def test_sources_are_cited_and_listed(proofs):
    text = markdown(proofs[2:3], "model", "source")
    assert r"| \[[1](#ref-tipping1999)\] \[[2](#ref-bishop2006)\]" in text
    assert "1\\. Michael E. Tipping and Christopher M. Bishop. " in text
    assert r"\cite{tipping1999} \cite{bishop2006}" in latex(proofs[2:3], "model", "source")


def test_comma_separated_values_have_groups_and_notes(proofs):
    source = FORMATS["csv"].write(entropy_table(proofs))
    header, *rows = csv.reader(io.StringIO(source, newline=""))
    assert header == ["Group", *(COLUMNS[name].heading for name in DEFAULT), "Notes"]
    assert sorted(row[1] for row in rows) == sorted(proof.model.name for proof in proofs)


# notes --------------------------------------------------------------------------------------------
def notes(proofs, *columns):
    return [s for s in markdown(proofs, *columns).splitlines() if s.startswith("[^")]


def test_conditions_are_a_note_or_a_column():
    model = ep.Model("one plus a square")
    w = model.parameter("w")
    model.observed("x", ep.Normal(mean=0, variance=1 + w**2))
    proof = ep.prove(model)
    assert table_records([proof])[0]["conditions"] == ("w ≠ 0",)
    assert notes([proof])[0] == r"[^1]: Holds where $`w \neq 0`$."
    assert not [s for s in notes([proof], "model", "conditions") if "Holds" in s]
    assert r"| $`w \neq 0`$ |" in markdown([proof], "model", "conditions")
    assert r"\text{where }w \neq 0" in proof._repr_latex_().replace(
        r"\text{where } w", r"\text{where }w"
    )


def test_pseudo_entropies_say_so_with_their_base_measure(proofs):
    (note,) = (s for s in notes(proofs) if "is a pseudo-entropy, " in s)
    assert (
        r"The entropy of x is a pseudo-entropy, E\[-log p + log h\], with $`\log h = -\sum" in note
    )
    (row,) = (
        s
        for s in markdown(proofs).splitlines()
        if note[: note.index("]") + 1] in s.partition(":")[0] and "|" in s
    )
    assert row.startswith("| Poisson mixture |")


def test_partial_sums_say_what_stays_and_what_would_help(proofs):
    shown = notes(proofs[3:4])
    assert any("base measure fixes a scale" in note for note in shown)
    assert any("Would hold if you learn sigma2." in note for note in shown)


# LaTeX --------------------------------------------------------------------------------------------
def test_caption_and_label(proofs):
    source = latex(proofs, caption="Sums, 50%", label="tab:sums")
    assert source.index(r"\caption{Sums, 50\%}") < source.index(r"\label{tab:sums}")


def test_latex_compiles_by_itself(proofs, pdflatex, tmp_path):
    (tmp_path / "table.tex").write_text(latex(proofs), encoding="utf-8")
    assert not too_wide(pdflatex(tmp_path / "table.tex"))


def test_latex_compiles_inside_a_float(proofs, pdflatex, tmp_path):
    (tmp_path / "table.tex").write_text(latex(proofs[2:]), encoding="utf-8")
    float_ = r"\begin{table}\input{table}\caption{Sums.}\end{table}"
    (tmp_path / "paper.tex").write_text(PAPER % ("a4paper", "", float_), encoding="utf-8")
    assert not too_wide(pdflatex(tmp_path / "paper.tex"))


@pytest.fixture(scope="module")
def tables(pdflatex, every_proof):
    """That of all, with a caption, and that of each with all columns; names with specials.

    Without pdflatex nothing need be proved.
    """
    proofs = [ep.prove(ep.load(name)) for name in every_proof]
    proofs += [scale_of(name) for name in (r"A & B_1 | 50% \input{x} #", "<b>$x$</b>", "ä日" * 99)]
    all_of_them = entropy_table(proofs, caption="All", label="all")
    return [all_of_them, *(entropy_table([proof], tuple(COLUMNS)) for proof in proofs)]


@pytest.mark.parametrize(
    ("options", "packages", "page"),
    [
        ("letterpaper", ",longtable", inside(345, "longtable")),
        ("a4paper,twocolumn", "", inside(221)),
    ],
    ids=["article", "two columns"],
)
def test_tables_of_the_catalogue_fit(options, packages, page, tables, pdflatex, tmp_path):
    source = "\n".join(FORMATS["latex"].write(table, page) for table in tables)
    (tmp_path / "paper.tex").write_text(PAPER % (options, packages, source), encoding="utf-8")
    assert not too_wide(pdflatex(tmp_path / "paper.tex"))


def test_special_characters_of_a_name_are_escaped():
    proof = scale_of("A & B_1 | 50%")
    assert r"A \& B\_1 \textbar{} 50\%" in latex([proof])
    assert r"A & B\_1 \| 50%" in markdown([proof])
