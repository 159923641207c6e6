"""Finds a field and flows for which the pointwise entropy identity holds.

A conditional can come out in three ways: with an entropy, with a pseudo-entropy (the parts of its
log density that depend on v alone may go to a base measure), or unmoved.  For every combination,
the best first, the linear system is solved; the solution is lifted from generic elements to arrays
and handed to the checker.  So a wrong guess here can cost an answer but never produce a wrong one.

Conditionals that share nothing that moves are searched apart, and their answers joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property
from heapq import heappop, heappush
from itertools import islice

from sympy import Symbol, exp

from entropy_proofs.algebra.derive import Direction
from entropy_proofs.algebra.matrix_rules import worked_out
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Allowance, Mono, Polynomial, linked, symbols_in, within
from entropy_proofs.algebra.rational import cancel
from entropy_proofs.algebra.zero import cancelled_in_sums, is_zero
from entropy_proofs.errors import TooLarge
from entropy_proofs.families.spaces import REAL
from entropy_proofs.kernel.normal.few_rows import MOST_ROWS
from entropy_proofs.model.pointwise import ConditionalIdentity, GenericConditional, Identity
from entropy_proofs.search.centring import centred
from entropy_proofs.search.combinations import Badness, Chosen, combinations
from entropy_proofs.search.cumulative import cumulative
from entropy_proofs.search.elementwise import Split, split
from entropy_proofs.search.equations import SHIFTING, VARIANTS, System, Variant, reduced
from entropy_proofs.search.identity_tables import with_tables
from entropy_proofs.search.lifting import lifted, tidy
from entropy_proofs.search.linear import Row, Solution, solve
from entropy_proofs.search.moving import (
    Setting,
    known_directions,
    mixed,
    of_these,
    offsets,
    sums_of_several,
)
from entropy_proofs.search.opaque import opaque
from entropy_proofs.search.profiles import profiled

PLAIN, PSEUDO, STAYS = 0, 1, 10  # how a conditional comes out, by badness
_MOST = 200  # combinations of modes that are tried, and candidates
_WORK, _WORK_EACH = 250_000, 30_000  # for all candidates: to begin with, and by conditional


def search(setting: Setting, variants: Sequence[Variant] = VARIANTS) -> Iterator[Identity]:
    """Candidate identities, those with most entropies first; the caller checks them.

    They go on for a caller who turns some of them down, until nothing is left or many are.
    """
    parts = [_Part(_candidates(part, variants)) for part in _apart(setting)]
    for chosen in islice(_joint(parts), _MOST):
        if any(found.terms for found in chosen):
            yield _joined(setting.conditionals, chosen)


def search_about_centres(setting: Setting) -> Iterator[Identity]:
    """Candidates with flows that shift: those of `search` about the centres of the latents."""
    about = centred(setting)
    if about is not None:
        for found in search(about.setting):
            yield _of_the_same(found, about.restored(found), setting)


def search_by_products(setting: Setting) -> Iterator[Identity]:
    """Candidates that move a total and its profile as their product, one positive array, moves."""
    products = profiled(setting)
    if products is not None:
        for found in search(products.setting):
            yield _of_the_same(found, products.restored(found), setting)


def _of_the_same(found: Identity, restored: Identity, setting: Setting) -> Identity:
    """What was found of conditionals that were written otherwise, of these."""
    kinds = {t.conditional.name: int(t.log_base_measure != 0) for t in found.terms}
    modes = [kinds.get(c.name, STAYS) for c in setting.conditionals]
    return completed(restored, setting.conditionals, modes, setting.learned)


def search_worked_out(setting: Setting) -> Iterator[Identity]:
    """Candidates where determinants and inverses of few rows are formulas of the elements."""
    worked = with_few_rows_worked_out(setting.conditionals)
    if worked != [*setting.conditionals]:
        for found in search(replace(setting, conditionals=worked)):
            yield of_these(found, setting.conditionals)


def with_few_rows_worked_out(
    conditionals: Sequence[GenericConditional],
) -> list[GenericConditional]:
    """With determinants and inverses of few rows as formulas of the elements."""
    return [replace(c, log_density=worked_out(c.log_density, MOST_ROWS)) for c in conditionals]


def search_by_shares(setting: Setting) -> Iterator[Identity]:
    """Candidates that move thresholds as the cumulative probabilities that they stand for."""
    shares = cumulative(setting)
    if shares is not None:
        for found in search(shares.setting):
            yield shares.restored(found, setting.conditionals)


def search_with_shifts(setting: Setting) -> Iterator[Identity]:
    """Candidates with real latents that shift, which a link can make a scale: exp(z + c)."""
    real = {label for m in setting.latents if m.domain == REAL for label in m.labels}
    linked = (f for c in setting.conditionals for f in c.log_density.atoms(exp))
    if any(symbols_in(f) & real for f in linked):
        yield from search(setting, SHIFTING)


# parts that share nothing -------------------------------------------------------------------------
def _apart(setting: Setting) -> Iterator[Setting]:
    """Conditionals that are linked by labels that may move, with what moves there."""
    moving = [*setting.parameters, *setting.latents]
    known = [symbols_in(c.log_density) | c.own for c in setting.conditionals]
    here = [{j for j, m in enumerate(moving) if m.labels & labels} for labels in known]
    for ks in sorted(linked(here)):
        inside = frozenset().union(*(known[k] for k in ks))
        parameters, latents = (
            [m for m in of if m.labels & inside] for of in (setting.parameters, setting.latents)
        )
        yield Setting([setting.conditionals[k] for k in ks], parameters, latents, setting.given_up)


class _Part:
    """The candidates for some conditionals, found one after the other as they are asked for."""

    def __init__(self, source: Iterator[tuple[Badness, Identity]]):
        self._source = source
        self._known: list[tuple[Badness, Identity]] = []

    def found(self, k: int) -> tuple[Badness, Identity] | None:
        """The candidate number k with its badness, or None if there are fewer."""
        self._known += islice(self._source, max(0, k + 1 - len(self._known)))
        return self._known[k] if k < len(self._known) else None


def _joint(parts: Sequence[_Part]) -> Iterator[list[Identity]]:
    """One candidate of each part, the best of all first."""
    waiting: list[tuple[Badness, Chosen, list[Identity]]] = []
    seen: set[Chosen] = set()

    def add(places: Chosen) -> None:
        found = [part.found(k) for part, k in zip(parts, places, strict=True)]
        ranked = [f for f in found if f is not None]
        if places not in seen and len(ranked) == len(parts):
            seen.add(places)
            badness = sum(b[0] for b, _ in ranked), sum(b[1] for b, _ in ranked)
            heappush(waiting, (badness, places, [identity for _, identity in ranked]))

    add((0,) * len(parts))
    while waiting:
        _, places, chosen = heappop(waiting)
        yield chosen
        for k, place in enumerate(places):
            add((*places[:k], place + 1, *places[k + 1 :]))


def _joined(conditionals: Sequence[GenericConditional], parts: Sequence[Identity]) -> Identity:
    if len(parts) == 1:
        return parts[0]
    field = [c for p in parts for c in p.field]
    terms = {t.conditional.name: t for p in parts for t in p.terms}
    return Identity(
        tuple(sorted(field, key=lambda c: (len(c.shape), c.label.name))),
        tuple(f for p in parts for f in p.flows),
        tuple(terms[c.name] for c in conditionals if c.name in terms),
        tuple(c for c in conditionals if c.name not in terms),
    )


# one part -----------------------------------------------------------------------------------------
def _candidates(
    setting: Setting, variants: Sequence[Variant], hiding: bool = True
) -> Iterator[tuple[Badness, Identity]]:
    """With their badness; the last one has nothing moved.

    hiding: where the algebra grows too large, look for what there is with towers hidden.
    """
    conditionals, learned = setting.conditionals, setting.learned
    apart = split(with_tables(conditionals), setting.parameters)
    allowance = Allowance(_WORK + _WORK_EACH * len(conditionals))
    labels = frozenset(label for p in apart.parameters for label in p.labels)
    suggested = known_directions(apart.conditionals, labels)
    along = offsets(apart.conditionals, labels)
    alike = mixed(apart.conditionals, apart.parameters)
    several = sums_of_several(apart.conditionals, labels)
    needed = {"whole": suggested, "offsets along": along, "alike": alike, "by degree": several}
    tried = [v for v in variants if needed.get(v, True)]
    systems = [_System(apart, setting, v, suggested, allowance) for v in tried]
    if hiding and systems[0].written is None:
        yield from _with_towers_hidden(setting, variants)
        return
    options = []
    for k, c in enumerate(conditionals):
        modes = [PLAIN, PSEUDO] if symbols_in(c.log_density) & (learned | c.parents) else [PLAIN]
        options.append([m for m in modes if any(s.allows(k, m) for s in systems)] + [STAYS])

    def conflict(chosen: Chosen) -> frozenset[int] | None:
        places: frozenset[int] = frozenset()
        for system in systems:
            found = system.conflict(chosen)
            if found is None:
                return None
            places |= found
        return places

    for badness, chosen in combinations(options, conflict, _MOST):
        if all(m == STAYS for m in chosen):
            break
        for moved in _moves(systems, chosen):
            whole = apart.whole(moved)
            if not _base_measures_move(conditionals, chosen, whole):
                continue
            try:
                with within(allowance):
                    found = completed(whole, conditionals, chosen, learned)
            except TooLarge as reason:
                setting.given_up.append(f"a field on {[c.label for c in whole.field]}: {reason}")
                continue
            yield badness, found
    if hiding and any(s.gave_up for s in systems):
        yield from _with_towers_hidden(setting, variants)
        return
    still = sum(own[0] != STAYS for own in options), STAYS * len(options)
    yield still, Identity((), (), (), tuple(conditionals))


def _with_towers_hidden(
    setting: Setting, variants: Sequence[Variant]
) -> Iterator[tuple[Badness, Identity]]:
    hidden = opaque(setting)
    for badness, found in _candidates(hidden.setting, variants, hiding=False):
        yield badness, hidden.opened(found, setting.conditionals)


def _moves(systems: Sequence[_System], chosen: Chosen) -> Iterator[Identity]:
    """Fields and flows under which the conditionals come out so: of each system its first, then
    those that do without what was in doubt, as long as others come into doubt instead."""
    known: list[Identity] = []
    waiting = [(system, frozenset[Symbol]()) for system in systems]
    for system, doubtful in waiting:
        found, more = system.solved(chosen, doubtful)
        if found is not None and found not in known:
            known.append(found)
            yield found
        if not more <= doubtful:
            waiting.append((system, doubtful | more))


class _System:
    """The linear system of one variant, written when it is first needed."""

    def __init__(
        self,
        apart: Split,
        setting: Setting,
        variant: Variant,
        suggested: Mapping[Symbol, Direction],
        allowance: Allowance,
    ):
        given = apart.conditionals, apart.parameters, setting.latents, variant
        self._given = *given, apart.tangent, suggested
        self._allowance, self._given_up = allowance, setting.given_up
        self.gave_up = False
        self._conflicts: list[frozenset[tuple[int, int]]] = []  # of places with their modes
        self._solutions: dict[Chosen, Solution] = {}

    @cached_property
    def written(self) -> System | None:
        """None if it would be too large."""
        try:
            with within(self._allowance):
                return System(*self._given)
        except TooLarge as reason:
            self._give_up(range(len(self._given[0])), reason)
            return None

    def _give_up(self, places: Iterable[int], reason: TooLarge) -> None:
        self.gave_up = True
        names = ", ".join(self._given[0][k].name for k in places)
        self._given_up.append(f"{names}: {reason}")

    def allows(self, k: int, mode: int) -> bool:
        """Whether conditional k alone could come out so."""
        return not isinstance(self._solve({k: mode}, set()), frozenset)

    def conflict(self, chosen: Chosen) -> frozenset[int] | None:
        """Places that cannot all come out so together, or None: there is a solution."""
        if chosen in self._solutions:
            return None
        pairs = frozenset(enumerate(chosen))
        known = min((c for c in self._conflicts if c <= pairs), key=len, default=None)
        if known is not None:
            return frozenset(k for k, _ in known)
        found = self._solve(dict(enumerate(chosen)), set())
        if isinstance(found, frozenset):
            self._conflicts.append(frozenset((k, chosen[k]) for k in found))
            return found
        self._solutions[chosen] = found
        return None

    def solved(self, chosen: Chosen, doubtful: Set[Symbol]) -> tuple[Identity | None, set[Symbol]]:
        """The field and flows under which the conditionals come out so, without terms.

        doubtful: unknowns that should rather be zero.  Second: those of this solution.
        """
        if self.conflict(chosen) is not None:
            return None, set()
        solution = self._solutions[chosen]
        if doubtful:
            found = self._solve(dict(enumerate(chosen)), doubtful)
            if isinstance(found, frozenset):
                return None, set()
            solution = found
        assert self.written is not None
        try:
            with within(self._allowance):
                return lifted(self.written, solution)
        except TooLarge as reason:
            self._give_up(range(len(chosen)), reason)
            return None, set()

    def _solve(self, modes: dict[int, int], doubtful: Set[Symbol]) -> Solution | frozenset[int]:
        """Values of the unknowns (in terms of the free constants), or places that conflict."""
        if self.written is None:
            return frozenset(modes)
        try:
            with within(self._allowance):
                return self._solved(self.written, modes, doubtful)
        except TooLarge as reason:
            if self.written.coarsen():
                return self._solve(modes, doubtful)
            self._give_up(modes, reason)
            return frozenset(modes)

    def _solved(
        self, system: System, modes: dict[int, int], doubtful: Set[Symbol]
    ) -> Solution | frozenset[int]:
        rows: list[Row] = []
        of: list[int] = []  # the places that rows come from
        free: dict[int, Symbol] = {}  # D log p - log p = c(a) is all that a look-up asks for
        weights: list[Symbol] = []  # of the parts of log h: numbers
        for k, mode in modes.items():
            for e, coefficients, moved, rest in system.rows(k):
                if mode == STAYS:
                    if coefficients or moved:
                        rows.append((coefficients, moved))
                        of.append(k)
                    continue
                if not e.own:
                    continue
                extended = dict(coefficients)
                if mode == PSEUDO and e.pure:
                    weights.append(Symbol(f"h({k}, {len(weights)})", real=True))
                    extended[weights[-1]] = -system.over.one
                if e.constant_allowed:
                    constant = free.setdefault(k, Symbol(f"c({k})", real=True))
                    extended[constant] = -system.over.one
                rows.append((extended, moved + rest))
                of.append(k)
        rows += [(coefficients, system.over.zero) for coefficients in system.tangency()]
        order = sorted(system.unknowns, key=lambda u: u in doubtful)
        learned = frozenset(system.parameters)
        found = solve(rows, system.over, order, list(free.values()), weights, learned)
        if isinstance(found, frozenset):
            return frozenset(of[r] for r in found if r < len(of))
        return found


def _base_measures_move(
    conditionals: Sequence[GenericConditional], modes: Sequence[int], moved: Identity
) -> bool:
    """A base measure needs a parameter or a parent that moves: else it would be the density."""
    labels = frozenset(c.label for c in moved.field).union(*(f.labels for f in moved.flows))
    pairs = zip(conditionals, modes, strict=True)
    return all(m != PSEUDO or symbols_in(c.log_density) & (labels - c.own) for c, m in pairs)


def completed(
    candidate: Identity,
    conditionals: Sequence[GenericConditional],
    modes: Sequence[int],
    learned: frozenset[Symbol],
) -> Identity:
    """The candidate's field and flows with log h and H read off D log p + div u - log p.

    A base measure takes the constants of log p with it, so that H is A - eta . A'.
    """
    d = candidate.derivation()
    terms, unmoved = [], []
    for c, mode in zip(conditionals, modes, strict=True):
        if mode == STAYS:
            unmoved.append(c)
            continue
        log_p = c.applied(normal(c.log_density))
        residual = reduced(candidate.left(c, d) - log_p, c.own)
        if any(_depends(m, c.own) for m, _ in residual):
            residual = cancel(c.applied(cancelled_in_sums(residual)))
        own = Polynomial({m: k for m, k in residual if _depends(m, c.own)})
        log_h, entropy = Polynomial(), residual - own
        if mode == PSEUDO and not is_zero(own):
            random = c.own | c.parents | learned
            constant = Polynomial({m: k for m, k in log_p if not _depends(m, random)})
            log_h, entropy = constant - cancel(own), entropy + constant
        terms.append(ConditionalIdentity(c, log_h.expr(), tidy(entropy.expr())))
    return replace(candidate, terms=tuple(terms), unmoved=tuple(unmoved))


def _depends(mono: Mono, labels: frozenset[Symbol]) -> bool:
    return any(symbols_in(a) & labels for a, _ in mono)
