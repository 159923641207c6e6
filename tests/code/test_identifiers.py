"""Names of a model as identifiers: valid, distinct, and as they were where they can be."""

from __future__ import annotations

from keyword import iskeyword

from entropy_proofs.code.identifiers import LONGEST, identifiers, temporary

ODD = ("f.U", "f U", "f_U", "class", "2x", "", "x" * 2 * LONGEST, "\N{ANGSTROM SIGN}", "b'")


def test_names_are_valid_and_distinct_and_keep_themselves_where_they_can():
    taken = ("exp", "f_U_")
    for names in (ODD, ODD[::-1]):
        found = identifiers([*names, "exp"], taken)
        assert list(found) == [*names, "exp"]
        assert len({*found.values(), *taken}) == len(found) + len(taken)
        assert all(n.isidentifier() and not iskeyword(n) for n in found.values())
        assert found["f_U"] == "f_U"


def test_temporaries_are_called_as_nothing_else_is():
    assert temporary(["t", "time", "t1x"]) == "t"
    assert temporary(["t1", "t_x"]) == "t_"
    assert temporary(["t1", "t_20"]) == "t__"
