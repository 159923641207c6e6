"""How much a search does: counted in work, since seconds say more about the machine."""

from __future__ import annotations

from itertools import permutations, product

import pytest

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Categorical,
    E,
    HurdlePoisson,
    InverseWishart,
    Laplace,
    Model,
    MultivariateNormal,
    Normal,
    OrderedCategorical,
    Poisson,
    Verdict,
    Wishart,
    cos,
    exp,
    inv,
    log,
    logdet,
    pi,
    sin,
    tanh,
)  # fmt: skip
from entropy_proofs.algebra import normal as normal_forms, poly, rational
from entropy_proofs.algebra.matrix_rules import worked_out
from entropy_proofs.errors import TooLarge
from entropy_proofs.proof.term_results import conditional, latent_motions
from entropy_proofs.search.moving import Moving, Setting
from entropy_proofs.search.search import _joint, _Part, search

DEEP = 6


@pytest.fixture
def work(monkeypatch):
    """Counts the work of what is called, from an empty cache."""
    done = [0]
    spend = poly.spend

    def counted(amount: int) -> None:
        done[0] += amount
        spend(amount)

    for module in (poly, normal_forms, rational):
        monkeypatch.setattr(module, "spend", counted)

    def of(call):
        monkeypatch.setattr(normal_forms, "_normals", {})
        done[0] = 0
        return call(), done[0]

    return of


def candidates(model, given_up=None):
    parameters = [
        Moving(p.name, frozenset([s]), p.domain, p.shape) for s, p in model.learned().items()
    ]
    stated = [conditional(model, t) for t in model.terms]
    given = [] if given_up is None else given_up
    return search(Setting(stated, parameters, latent_motions(model), given))


def gaussian_chain(n: int, prior: str = "fixed") -> Model:
    m = Model(f"{n} Gaussian layers")
    sizes = m.dims(*(f"D{k}" for k in range(n)))
    variance = 1 if prior == "fixed" else m.parameter("s0", domain="positive")
    z = m.latent("z0", Normal(mean=0, variance=variance), sizes[0])
    for k in range(1, n):
        mean = m.parameter(f"W{k}", sizes[k], sizes[k - 1]) @ z + m.parameter(f"b{k}", sizes[k])
        density = Normal(mean=mean, variance=m.parameter(f"s{k}", domain="positive"))
        last = k == n - 1
        z = m.observed("x", density, sizes[k]) if last else m.latent(f"z{k}", density, sizes[k])
    return m


def sigmoid_net(n: int) -> Model:
    m = Model(f"{n} sigmoid layers")
    sizes = m.dims(*(f"D{k}" for k in range(n)))
    rho = m.parameter("rho", sizes[0], domain="unit interval")
    z = m.latent("z0", Bernoulli(probability=rho), sizes[0])
    for k in range(1, n):
        logits = m.parameter(f"W{k}", sizes[k], sizes[k - 1]) @ z + m.parameter(f"b{k}", sizes[k])
        last = k == n - 1
        density = Bernoulli(logits=logits)
        z = m.observed("x", density, sizes[k]) if last else m.latent(f"z{k}", density, sizes[k])
    return m


@pytest.mark.parametrize(
    "chain",
    [gaussian_chain, lambda n: gaussian_chain(n, "learned"), sigmoid_net],
    ids=["Gaussian", "Gaussian with learned prior", "sigmoid"],
)
def test_work_grows_at_most_like_the_square_of_the_conditionals(chain, work):
    done = {}
    for n in (4, 8, 16):
        found, done[n] = work(lambda n=n: next(candidates(chain(n))))
        assert len(found.terms) == n
        assert not found.unmoved
    assert done[8] <= 4.5 * done[4]
    assert done[16] <= 4.5 * done[8]


def test_conditionals_that_fail_are_few_solutions(monkeypatch):
    """Known variances here and there: what fails is found out one by one, not tried in all ways."""
    from entropy_proofs.search import search as module

    solved = []
    solve = module.solve
    monkeypatch.setattr(module, "solve", lambda *given: solved.append(1) or solve(*given))
    m = Model("two in five fail")
    n = m.dims("N")
    for k in range(15):
        w = m.parameter(f"w{k}")
        known = k % 5 in (1, 3)
        variance = 1 if known else m.parameter(f"s{k}", domain="positive")
        m.observed(f"x{k}", Normal(mean=sin(w) + cos(w), variance=variance), n)
    found = next(candidates(m))
    assert len(found.terms) >= 9
    assert len(solved) <= 15 * 12


@pytest.mark.parametrize("scales", [("w", "u"), ("u", "w")])
@pytest.mark.parametrize("names", list(permutations("abc")))
def test_what_conflicts_with_what_stays_is_told_apart_from_what_does_not(names, scales):
    """The second can't move while the first stays, the third can, whatever they are called."""
    m = Model("one that stays, one that would move what it holds, one beside")
    w, u = map(m.parameter, scales)
    m.observed(names[0], Laplace(mean=w, scale=1 + w**2))
    m.observed(names[1], Laplace(mean=0, scale=exp(w)))
    m.observed(names[2], Laplace(mean=0, scale=exp(u + w)))
    found = next(candidates(m))
    assert [t.conditional.name for t in found.terms] == [names[2]]
    assert {str(c.label): c.element for c in found.field} == {scales[1]: -1}


def test_a_system_too_large_to_solve_is_given_up_with_a_reason(monkeypatch):
    from entropy_proofs.search import search as module

    def solve(*_):
        raise TooLarge("as every other")

    monkeypatch.setattr(module, "solve", solve)
    m, given_up = Model("one normal"), []
    m.observed("x", Normal(mean=0, variance=m.parameter("s", domain="positive")))
    assert list(candidates(m, given_up)) == []
    assert set(given_up) == {"x: as every other"}


@pytest.mark.parametrize("count", [3, 5, 6])
def test_plates_may_stand_in_any_order(count, work):
    found = set()
    for order in list(permutations("ABCDEF"[:count]))[:: {3: 1, 5: 40, 6: 240}[count]]:
        m = Model("plates")
        sizes = dict(zip(sorted(order), m.dims(*sorted(order)), strict=True))
        s = m.parameter("s", domain="positive")
        shape = [sizes[o] for o in order]
        m.observed("x", Normal(mean=m.parameter("mu", *shape), variance=s), *shape)
        identity, done = work(lambda m=m: next(candidates(m)))
        found.add((str(identity.terms[0].entropy), done))
    assert len(found) == 1


def towers():
    """Models with functions nested six deep."""

    def one(name):
        m = Model(name)
        return m, m.dims("D"), m.parameter("w")

    m, D, w = one("exponentials")
    e = w
    for _ in range(DEEP):
        e = exp(e)
    m.observed("x", Normal(mean=0, variance=e), D)
    yield m
    m, D, w = one("exp log exp tanh")
    m.observed("x", Normal(mean=exp(log(1 + exp(tanh(w * exp(sin(w)))))), variance=1), D)
    yield m
    m, D, e = one("logistic functions")
    for _ in range(DEEP):
        e = 1 / (1 + exp(-e))
    m.observed("x", Normal(mean=0, variance=e), D)
    yield m
    m, D, e = one("squares")
    for k in range(DEEP):
        e = (e + m.parameter(f"w{k}")) ** 2 + 1
    m.observed("x", Normal(mean=0, variance=e), D)
    yield m
    m, D, e = one("ratios")
    for k in range(DEEP):
        w = m.parameter(f"w{k}", domain="positive")
        e = (e + w) / (1 + e * w)
    m.observed("x", Normal(mean=0, variance=1 + e**2), D)
    yield m
    m, D, e = one("logs of sums of exponentials")
    for k in range(DEEP):
        w = m.parameter(f"w{k}")
        e = log(1 + exp(e + w) + exp(2 * w))
    m.observed("x", Normal(mean=0, variance=exp(e)), D)
    yield m
    m = Model("layers")
    *sizes, D = m.dims(*(f"H{k}" for k in range(DEEP)), "D")
    h = m.latent("z", Normal(mean=0, variance=1), sizes[0])
    for k in range(1, DEEP):
        h = tanh(m.parameter(f"W{k}", sizes[k], sizes[k - 1]) @ h)
    mean = m.parameter("V", D, sizes[-1]) @ h
    m.observed("x", Normal(mean=mean, variance=m.parameter("s", domain="positive")), D)
    yield m


@pytest.mark.parametrize("model", list(towers()), ids=lambda m: m.name)
def test_functions_nested_six_deep_are_answered(model, work):
    """With candidates or reasons, and never with more work than is allowed."""
    given_up = []
    found, done = work(lambda: list(candidates(model, given_up)))
    assert found or given_up
    assert done < 4_000_000


def test_layers_that_are_too_deep_leave_what_is_outside():
    *_, model = towers()
    given_up = []
    found = next(candidates(model, given_up))
    assert [t.conditional.name for t in found.terms] == ["x"]
    assert [str(c.label) for c in found.field] == ["s"]
    assert "grows beyond all bounds" in given_up[0]
    assert found.terms[0].conditional == conditional(model, model.terms[1])


def test_what_was_hidden_is_shown_again():
    """The last layer alone moves; its entropy is of all layers."""
    m = Model("layers of a Bernoulli decoder")
    *sizes, D = m.dims(*(f"H{k}" for k in range(DEEP)), "D")
    h = m.latent("z", Normal(mean=0, variance=1), sizes[0])
    for k in range(1, DEEP):
        h = tanh(m.parameter(f"W{k}", sizes[k], sizes[k - 1]) @ h)
    m.observed("x", Bernoulli(logits=m.parameter("V", D, sizes[-1]) @ h), D)
    found = next(candidates(m))
    assert {str(c.label): str(c.element) for c in found.field} == {"V": "V[i0, i1]"}
    (term,) = found.terms
    known = poly.symbols_in(term.conditional.log_density)
    data = {s for s in poly.symbols_in(term.entropy) if not s.is_integer}
    assert data == {s for s in known if not s.is_integer} - term.conditional.own


def rows(name="w"):
    m = Model("a row's constant")
    n = m.dims("N")
    return m, n, m.parameter("A", n, fixed=True), m.parameter(name)


def test_no_direction_of_a_scalar_follows_the_rows():
    m, n, A, w = rows()
    m.observed("x", Laplace(mean=0, scale=exp(A * w)), n)
    assert list(candidates(m)) == []
    assert ep.prove(m).verdict is not Verdict.PROVED
    m, n, A, w = rows()
    m.observed("x", Bernoulli(logits=m.parameter("c") + exp(w * A)), n)
    assert list(candidates(m)) == []


@pytest.mark.parametrize("name", ["a", "w"])
def test_what_follows_the_rows_is_passed_over_for_what_does_not(name):
    """Whatever comes first by its name."""
    m, n, A, w = rows(name)
    m.observed("x", Laplace(mean=0, scale=exp(A * w + m.parameter("c"))), n)
    found = next(candidates(m))
    assert {str(c.label): str(c.element) for c in found.field} == {"c": "-1"}


@pytest.mark.parametrize("name", ["a", "w"])
def test_directions_without_poles_come_too(name):
    """s + a**2 is scaled by s alone up to a pole nowhere, by a alone up to one at a = 0."""
    m = Model("poles")
    n = m.dims("N")
    a, s = m.parameter(name), m.parameter("s", domain="positive")
    m.observed("x", Normal(mean=0, variance=s + a**2), n)
    fields = [{str(c.label): str(c.element) for c in f.field} for f in candidates(m)]
    assert any(f.keys() == {"s"} for f in fields)


@pytest.mark.parametrize("products", [1, 3])
def test_what_needs_no_condition_is_found_behind_all_that_do(products):
    """b + u v + ... moves by b alone, or by any of the factors where the other is not zero."""
    m = Model("products")
    K = m.dims("K")
    factors = [(m.parameter(f"u{k}", K), m.parameter(f"v{k}", K)) for k in range(products)]
    logits = sum((u * v for u, v in factors), m.parameter("x", K))
    m.observed("y", Categorical(logits=logits))
    proof = ep.prove(m)
    assert (proof.verdict, proof.conditions) == (Verdict.PROVED, ())
    assert [str(p) for p in proof.field] == ["x"]


def test_no_more_is_assumed_than_must_be():
    """Of y's rate only b can move; x's variance has a scale of its own, whatever a is."""
    m = Model("conditions")
    a, b, s = m.parameter("a"), m.parameter("b"), m.parameter("s", domain="positive")
    m.observed("x", Normal(mean=0, variance=s * (1 + a**2)))
    m.observed("y", Poisson(rate=1 + b**2))
    proof = ep.prove(m)
    assert [str(c) for c in proof.conditions] == ["b ≠ 0"]
    assert {str(p) for p in proof.field} == {"b", "s"}


def test_work_beyond_the_allowance_raises():
    p = poly.Polynomial.sum(
        poly.Polynomial.atom(s) for s in ep.Model("m").dims(*(f"D{k}" for k in range(30)))
    )
    with poly.within(poly.Allowance(1_000)), pytest.raises(TooLarge):
        p.power(4)
    assert len(p.power(2)) == 465


def test_a_direction_may_hold_another_array_that_no_term_holds_with_it():
    """Of a hurdle, p's follows lam, but no part of log p holds both: the plate says where."""
    model = Model("m")
    D = model.dims("D")
    p, lam = (
        model.parameter("p", D, domain="unit interval"),
        model.parameter("lam", D, domain="positive"),
    )
    model.observed("x", HurdlePoisson(rate=lam, probability=p), D)
    field = ep.prove(model).field
    assert field[lam] == lam * log(lam)
    assert {s.name for s in field[p].free_symbols} >= {"p", "lam"}
    mixed = Model("one p for all rates has no field")
    D = mixed.dims("D")
    rates = mixed.parameter("lam", D, domain="positive")
    chance = mixed.parameter("p", domain="unit interval")
    mixed.observed("x", HurdlePoisson(rate=rates, probability=chance), D)
    assert ep.prove(mixed).verdict is not Verdict.PROVED


def test_neighbours_of_an_array_are_told_apart():
    """1 / (t[k] - t[k + 1]) would be 1 / 0 of one generic element."""
    model = Model("graded responses")
    D, n = model.dims("D", "n")
    a = model.parameter("a", D, domain="positive")
    t = model.parameter("t", D, n, domain="increasing")
    z = model.latent("z", Normal(mean=0, variance=1))
    model.observed("x", OrderedCategorical(location=a * z, thresholds=t), D)
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PARTIAL
    assert proof.field == {a: -a / 2}
    assert proof.latent_flow == {z: z / 2}
    two = Model("two categories are a logistic regression")
    w, u = two.parameter("w"), two.parameter("u", 4, fixed=True)
    cut = two.parameter("t", 1, domain="increasing")
    two.observed("x", OrderedCategorical(location=w * u, thresholds=cut), 4)
    assert ep.prove(two).verdict is Verdict.PROVED


DIFFERENCES = {
    "neighbours": lambda m, a, A, K: m.observed("x", Bernoulli(logits=a[1:] - a[:-1]), K - 1),
    "against the transposed": lambda m, a, A, K: m.observed("x", Bernoulli(logits=A - A.T), K, K),
    "in a rate": lambda m, a, A, K: m.observed("x", Poisson(rate=exp(A - A.T)), K, K),
    "beside a factor": lambda m, a, A, K: m.observed(
        "x", Bernoulli(logits=a[1:] - 2 * a[:-1]), K - 1
    ),
}


@pytest.mark.parametrize("declare", DIFFERENCES.values(), ids=DIFFERENCES)
def test_differences_of_elements_scale_as_one(declare):
    model = Model("differences")
    K = model.dims("K")
    declare(model, model.parameter("a", K), model.parameter("A", K, K), K)
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PROVED
    assert all(moved == own for own, moved in proof.field.items())
    assert ep.verify(proof).passed


@pytest.mark.parametrize("family", [Wishart, InverseWishart])
def test_a_matrix_flows_by_its_free_elements(family):
    """A precision or covariance that is a latent of its own: div u counts an upper triangle."""
    model = Model("scale mixture of normals")
    D = model.dims("D")
    a = model.parameter("a", domain="positive")
    V = model.parameter("V", D, D, domain="positive definite")
    L = model.latent("L", family(degrees_of_freedom=D - 1 + a, scale_matrix=V))
    covariance = inv(L) if family is Wishart else L
    mean = model.parameter("mu", D)
    x = model.observed("x", MultivariateNormal(mean=mean, covariance=covariance))
    model.claim("entropy", x, logdet(2 * pi * E * covariance) / 2)
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PROVED
    assert not proof.pseudo
    assert proof.latent_flow == {L: L if family is Wishart else -L}
    assert proof.claims[0].verdict is Verdict.PROVED


@pytest.mark.parametrize("floors", [5, 8])
def test_a_tower_of_functions_is_searched_within_bounds(floors, monkeypatch):
    """Its derivative has 2^floors terms; what is outside of it is proved, with the tower hidden."""
    from entropy_proofs.search import equations

    filed, add = [], equations.System._add
    monkeypatch.setattr(equations.System, "_add", lambda *a: (filed.append(1), add(*a)))
    model = ep.Model(f"tower of {floors}")
    w, k = model.parameter("w"), model.parameter("k")
    v = model.parameter("v", domain="positive")
    e = model.latent("z", ep.Normal(mean=0, variance=1))
    for _ in range(floors):
        e = tanh(w * e + k)
    model.observed("x", ep.Normal(mean=e, variance=v))
    proof = ep.prove(model)
    assert next(t for t in proof.terms if t.variable == "x").holds
    assert len(filed) < 3000


def test_candidates_of_several_parts_come_once_each_and_the_best_first():
    badness = {
        "a": [(0, 0), (0, 1), (1, 0), (4, 1)],
        "b": [(0, 1), (0, 5), (2, 0)],
        "c": [(1, 1), (1, 1), (1, 1)],
    }
    parts = [_Part(iter([(b, (name, k)) for k, b in enumerate(badness[name])])) for name in badness]
    found = list(_joint(parts))
    assert sorted(map(tuple, found)) == sorted(
        product(*([(name, k) for k in range(len(badness[name]))] for name in badness))
    )
    each = [[badness[name][k] for name, k in chosen] for chosen in found]
    total = [(sum(b for b, _ in of), sum(b for _, b in of)) for of in each]
    assert total == sorted(total)


@pytest.mark.parametrize("between", [lambda s, t, r: tanh(r) * s * t, lambda s, t, r: s * t / 2])
def test_covariances_that_are_written_out_are_worked_out_for_the_search_alone(between):
    """Elsewhere they stay matrices: the mean is solved for with their inverse."""
    m = Model("m")
    mu, r = m.parameter("mu", 2), m.parameter("r")
    s, t = (m.parameter(name, domain="positive") for name in "st")
    covariance = [[s**2, between(s, t, r)], [between(s, t, r), t**2]]
    x = m.observed("x", MultivariateNormal(mean=mu, covariance=covariance))
    m.claim("optimum", mu, x)
    for entropy in (
        log(2 * pi * E) + log(s**2 * t**2 - between(s, t, r) ** 2) / 2,
        logdet(2 * pi * E * ep.array(covariance)) / 2,
    ):
        m.claim("entropy", x, entropy)
        m.claim("entropy", x, entropy + r)
    proof = ep.prove(m)
    assert proof.verdict is Verdict.PROVED
    assert [c.verdict for c in proof.claims] == [Verdict.PROVED] + 2 * [
        Verdict.PROVED,
        Verdict.REFUTED,
    ]
    assert not proof.entropy_sum.has(logdet)
    assert "mu" in {p.name for u in proof.updates.m_step for p in u.parameters}


def test_a_singular_or_long_matrix_is_left_to_the_others():
    m = Model("m")
    v = m.parameter("v", domain="positive")
    known = [[2 if i == j else 1 for i in range(5)] for j in range(5)]
    m.observed("x", MultivariateNormal(mean=0, covariance=v * ep.array(known)))
    assert ep.prove(m).verdict is Verdict.PROVED
    expr = conditional(m, m.terms[0]).log_density
    assert worked_out(expr, most_rows=4) == expr
    singular = logdet(ep.array([[v, v], [v, v]]))
    assert worked_out(singular, most_rows=4) == singular
