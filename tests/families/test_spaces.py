"""Spaces: what lies in them, what is tangent, what SymPy and the kernel are told."""

import ast
import random
from itertools import product
from pathlib import Path

import mpmath
import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import InputError
from entropy_proofs.families.spaces import (
    BINARY,
    COUNT,
    DOMAINS,
    INCREASING,
    LOWER_TRIANGULAR,
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    UNIT_COLUMNS,
    UNIT_INTERVAL,
    Category,
    Counts,
    IntegerRange,
    OpenInterval,
    of_kernel,
    of_set,
)
from entropy_proofs.kernel.language import labels as kernel_labels
from entropy_proofs.kernel.language.labels import DOMAINS as OF_KERNEL
from entropy_proofs.kernel.language.sizes import Size

SPACES = (
    REAL, POSITIVE, UNIT_INTERVAL, OpenInterval(-1, 2), OpenInterval(0, sp.oo),
    OpenInterval(-sp.oo, 3), BINARY, Category(3), COUNT, IntegerRange(-2, 4),
    IntegerRange(1, sp.oo), SIMPLEX, Counts(5), POSITIVE_DEFINITE, UNIT_COLUMNS, LOWER_TRIANGULAR,
    INCREASING,
)  # fmt: skip
KERNELS = [s for s in SPACES if s not in {LOWER_TRIANGULAR, INCREASING}]
N = 3


def drawn(space, seed=0):
    """A value, by place, of the space's own axes."""
    rng = random.Random(seed)
    found = {p: space.draw(rng, mpmath.mp) for p in product(range(N), repeat=space.axes)}
    axes = {space.axes + a for a in space.tied}
    for rest in product(*(range(1 if k in axes else N) for k in range(space.axes))):
        together = [p for p in found if all(k in axes or p[k] == rest[k] for k in range(len(p)))]
        one = {p: found[p] for p in together}
        space.tie(mpmath.mp, one)
        found |= one
    return found


def matrix(value):
    return mpmath.matrix([[value[i, j] for j in range(N)] for i in range(N)])


def has(space, value):
    """Whether it is a value, by the definition."""
    elements = list(value.values())
    if isinstance(space, (Category, OpenInterval, IntegerRange)):
        low, high = space.ends
        whole = all(a == int(a) for a in elements)
        return all(low <= a <= high for a in elements) and (whole or not space.discrete)
    return {
        "real": lambda: True,
        "positive": lambda: elements[0] > 0,
        "unit interval": lambda: 0 < elements[0] < 1,
        "binary": lambda: elements[0] in {0, 1},
        "nonnegative integer": lambda: elements[0] >= 0 and elements[0] == int(elements[0]),
        "simplex": lambda: min(elements) > 0 and abs(sum(elements) - 1) < 1e-12,
        "counts": lambda: min(elements) >= 0 and sum(elements) == 5,
        "increasing": lambda: elements == sorted(set(elements)),
        "positive definite": lambda: min(mpmath.eigsy(matrix(value))[0]) > 0,
        "unit columns": lambda: all(abs(sum(value[i, j] ** 2 for i in range(N)) - 1) < 1e-12
                                    for j in range(N)),
        "lower triangular": lambda: all(a == 0 if i < j else a > 0 if i == j else True
                                        for (i, j), a in value.items()),
    }[str(space)]()  # fmt: skip


@pytest.mark.parametrize("space", SPACES, ids=repr)
@pytest.mark.parametrize("seed", range(5))
def test_what_is_drawn_lies_in_the_space(space, seed):
    value = drawn(space, seed)
    assert has(space, value)
    if space is not LOWER_TRIANGULAR:
        assert not any(space.outside(a) for a in value.values())


@pytest.mark.parametrize(
    ("space", "inside", "outside"),
    [
        (POSITIVE, (0.1, 5), (0, -1, sp.oo)),
        (UNIT_INTERVAL, (0.1,), (0, 1, -1)),
        (BINARY, (0, 1), (2, -1)),
        (Category(3), (0, 2), (-1,)),
        (COUNT, (0, 7), (-1,)),
        (REAL, (-3, 0), (sp.oo,)),
    ],
    ids=str,
)
def test_what_is_outside_whatever_the_bounds(space, inside, outside):
    assert not any(space.outside(x) for x in inside)
    assert all(space.outside(x) for x in outside)


@pytest.mark.parametrize("space", KERNELS, ids=repr)
def test_the_kernel_knows_it_by_the_same_properties(space):
    domain = space.lowered(lambda n: n, lambda b: None if b in {sp.oo, -sp.oo} else b)
    kind = OF_KERNEL[domain.kind]
    assert kind.axes == space.axes
    assert kind.continuous is not space.discrete
    assert len(domain.args) == len(kind.takes)
    assert kind.parameter == (str(space) in DOMAINS)
    assert kind.scales == space.can_scale or space == POSITIVE_DEFINITE
    positive = space.limits[0] == 0
    assert (kind.sign in {"+", "0+"}) == positive


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_a_label_knows_what_its_elements_are(space):
    label = space.symbol("v", (sp.Integer(N),) * space.axes)
    assert bool(label.is_integer) is space.discrete
    nonnegative = space.limits[0] == 0 or (space.discrete and space.ends[0] >= 0)
    assert bool(label.is_nonnegative) is nonnegative


def test_which_domains_lie_in_which():
    inside = {(a, b) for a, p in DOMAINS.items() for b, q in DOMAINS.items() if p.lies_in(q)}
    assert inside - {(a, a) for a in DOMAINS} == {
        ("unit interval", "positive"), ("simplex", "positive"), ("simplex", "unit interval"),
    }  # fmt: skip


@pytest.mark.parametrize("space", [SIMPLEX, UNIT_COLUMNS, POSITIVE_DEFINITE], ids=str)
def test_tangency_sums_vanish_for_directions_between_values_only(space):
    """The velocity of a curve in the space, against one that leaves it."""
    one, other = drawn(space, 1), drawn(space, 2)
    step = mpmath.mpf(10) ** -6

    def mixed(t):
        found = {p: (1 - t) * one[p] + t * other[p] for p in one}
        if space is UNIT_COLUMNS:
            for j in range(N):
                norm = mpmath.sqrt(sum(found[i, j] ** 2 for i in range(N)))
                found |= {(i, j): found[i, j] / norm for i in range(N)}
        return found

    ahead, back, here = mixed(0.5 + step), mixed(0.5 - step), mixed(0.5)
    velocity = {p: (ahead[p] - back[p]) / (2 * step) for p in one}
    leaving = {p: a + mpmath.mpf(sum(p) + 1 + p[0]) for p, a in velocity.items()}
    at, shape = (0,) * space.axes, (N,) * space.axes

    def off(direction):
        sums = space.tangency(here.__getitem__, direction.__getitem__, at, shape)
        return max(abs(sum(terms)) for terms in sums)

    assert off(velocity) < 1e-8
    assert off(leaving) > 1e-2


def test_shapes_that_a_domain_needs():
    D, H = sp.symbols("D H", integer=True, positive=True)
    POSITIVE.check_shape("a", ())
    POSITIVE_DEFINITE.check_shape("S", (H, D, D))
    with pytest.raises(InputError, match="w: domain 'simplex' needs at least 1 axes"):
        SIMPLEX.check_shape("w", ())
    with pytest.raises(InputError, match="S: positive definite, but its last axes are"):
        POSITIVE_DEFINITE.check_shape("S", (D, H))


def test_how_many_elements_are_free_to_be_scaled():
    assert REAL.dimension((2, 3)) == 6
    assert POSITIVE_DEFINITE.dimension((2, 3, 3)) == 12


def test_what_scales_onto_itself():
    """Not an interval, not a simplex, not a lattice."""
    assert {str(s) for s in SPACES if s.can_scale} == {
        "real", "positive", "positive definite", "increasing",
    }  # fmt: skip


def test_bounds_are_changed_by_kind():
    trials = sp.Symbol("n")
    space = IntegerRange(sp.Integer(0), trials).mapped(lambda b: b.xreplace({trials: 4}))
    assert space == IntegerRange(sp.Integer(0), sp.Integer(4))
    assert space.ends == (0, 4)
    assert Category(trials).ends == (0, trials - 1)
    assert REAL.mapped(lambda b: b) == REAL


@pytest.mark.parametrize(
    ("region", "kind"),
    [
        (sp.S.Reals, "real"),
        (sp.Interval(-sp.oo, sp.oo), "real"),
        (sp.Interval.open(0, sp.oo), "positive"),
        (sp.Interval(0, sp.oo), "positive"),
        (sp.Interval(0, 1), "unit interval"),
        (sp.Interval(-1, 1), "interval"),
        (sp.Interval(2, sp.oo), "interval"),
        (sp.FiniteSet(0, 1), "binary"),
        (sp.S.Naturals0, "nonnegative integer"),
        (sp.S.Naturals, "integer range"),
        (sp.Range(0, 5), "integer range"),
        (sp.FiniteSet(-1, 0, 1), "integer range"),
        (sp.S.Integers, "integer range"),
    ],
    ids=str,
)  # fmt: skip
def test_supports_of_sets(region, kind):
    support = of_set(region, "x")
    assert str(support) == kind
    assert support.discrete == (kind in {"binary", "nonnegative integer", "integer range"})


# who compares strings -----------------------------------------------------------------------------
PACKAGE = Path(ep.__file__).parent
NAMES = {n for s in SPACES for n in (s.name, getattr(s, "kernel", s.name))}
ALSO_WORDS = {"real", "positive", "natural", "whole"}  # of conditions, steps and the search, too
OF_A_SPACE = {"domain", "kind", "space", "support"}


def identifier(node):
    """The last name of an expression: `domain` of p.domain, of domain.name and of str(domain)."""
    match node:
        case ast.Attribute(value, attr):
            return identifier(value) if attr == "name" else attr
        case ast.Name(name):
            return name
        case ast.Call(ast.Name("str"), [inside]):
            return identifier(inside)
    return ""


def literals(node):
    """The strings of a literal, or of a display of literals."""
    parts = node.elts if isinstance(node, (ast.Set, ast.Tuple, ast.List)) else [node]
    return {p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)}


def told_apart_by_name(tree):
    """Lines that ask for a space's kind by its name."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left, _, comparators):
                sides = [left, *comparators]
            case ast.Call(ast.Attribute(of, "startswith" | "endswith" | "get"), arguments):
                sides = [of, *arguments]
            case ast.Match(subject, cases):
                values = [p.value for c in cases for p in ast.walk(c.pattern)
                          if isinstance(p, ast.MatchValue)]  # fmt: skip
                sides = [subject, *values]
            case ast.Dict(keys):
                sides = [k for k in keys if k is not None]
            case _:
                continue
        named = set().union(*map(literals, sides)) & NAMES
        if named - ALSO_WORDS or (named and OF_A_SPACE & set(map(identifier, sides))):
            yield node.lineno


def test_no_other_code_tells_spaces_apart_by_their_names():
    """An object says what it is: `p.domain == SIMPLEX`, `v.support.discrete`."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        if place.parts[0] not in {"families", "kernel", "derivations"}:
            lines = told_apart_by_name(ast.parse(path.read_text(encoding="utf-8")))
            found += [f"{place}:{line}" for line in lines]
    assert not found, f"ask the space itself, as families/spaces.py says, at {', '.join(found)}"


@pytest.mark.parametrize(
    "code",
    [
        'v.support.kind == "binary"',
        'domain in {"positive", "unit interval"}',
        'p.domain.name != "real"',
        '"positive" == str(p.domain)',
        'p.domain.startswith("positive")',
        '{"simplex": 1}.get(domain)',
        'match kind:\n    case "counts":\n        pass',
    ],
)
def test_names_are_seen_however_they_are_compared(code):
    assert list(told_apart_by_name(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ['claim.kind == "field"', 'what == "positive"', "p.domain == SIMPLEX", 'f(domain="real")'],
)
def test_what_is_no_space_may_be_compared(code):
    assert not list(told_apart_by_name(ast.parse(code)))


def test_every_domain_of_the_kernel_has_a_space():
    """Or nothing is drawn from it, and what is false of it is not refuted."""
    bounds = {"size": Size.named("n"), "bound": None}
    for kind, known in kernel_labels.DOMAINS.items():
        space = of_kernel(kernel_labels.Domain(kind, tuple(bounds[t] for t in known.takes)))
        assert space.kernel == kind
