"""A proof as a standalone Python module in a library's own terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entropy_proofs.code.backends import backend as backend_of, serving
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.admission import places
from entropy_proofs.evaluate.compiled import batch_for
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.proof.record import check_proof
from entropy_proofs.standalone.bodies import INDENT
from entropy_proofs.standalone.checks import checks
from entropy_proofs.standalone.definitions import INNER, ModuleFunctions, constants
from entropy_proofs.standalone.dimensions import arguments
from entropy_proofs.standalone.docs import Docs
from entropy_proofs.standalone.helpers import called, imports, quoted, source
from entropy_proofs.standalone.values import value_checks

if TYPE_CHECKING:
    from entropy_proofs.proving.proof import Proof


def codegen(
    proof: Proof,
    backend: str = "numpy",
    expectation: str = "samples",
    covariance: str = "diagonal",
    nodes: int = 32,
) -> str:
    """A proof's functions as the source of a module that needs neither SymPy nor this package.

    The module has `elbo` and `gradient` and, unless nothing of the ELBO became an entropy,
    `entropy_sum`, `gap`, `direction`, `directional_derivative` and, where latents flow,
    `divergence`. They take arrays by keyword, in the shapes that the docstrings state, and return
    nats per data point, without H[q] where q is given by samples. They refuse what is no value of
    the model, as those of `compile` do, with sums and symmetry to single precision. Lines of code
    have at most 100 characters, unless names are long.

    Args:
        backend: "numpy", "jax", "torch" or "cupy"; its library need not be installed here.
        expectation, covariance, nodes: how E_q is taken; see `entropy_proofs.compile`.

    Raises:
        InputError: there is no such backend, or it lacks a function that the model calls for; an
            option is unknown; an expectation has no closed form.

    >>> import entropy_proofs as ep
    >>> source = ep.codegen(ep.prove(ep.load("ppca")), backend="jax")
    >>> "import entropy_proofs" in source, "def elbo(" in source
    (False, True)
    """
    check_proof("codegen", proof)
    known = serving("codegen")
    if backend not in known:
        raise InputError(f"no backend {backend!r} to write: choose from {', '.join(known)}")
    target = backend_of(backend)
    assert target.module is not None
    batch = batch_for(proof.model, backend, expectation, covariance, nodes, "codegen")
    code = ProofCode(proof, backend, batch)
    shared = arguments(code)
    claims = any(term.holds for term in proof.terms)
    docs = Docs(proof, shared, target.module, claims, code.batch)
    writer = ModuleFunctions(code, shared, docs, target.module)
    functions = {**writer.of_model(), **(writer.of_identity() if claims else {})}
    checking = [*checks(shared, target), *value_checks(shared, places(batch), target)]
    names = {*writer.used, "_asarray", "_holds", "math"}
    names |= {target.calls["inverse"].partition(".")[0]}
    names |= {target.calls["broadcast_to"].partition(".")[0]} if shared.sampled else set()
    helpers = quoted(target, names)
    names |= {name for helper in helpers for name in called(helper)}
    names |= {"Any", "TypeVar", *target.module.types}
    public = "".join(f'{INDENT}"{name}",\n' for name in sorted(functions))
    blocks = [
        "\n".join([f"__all__ = [\n{public}]", *constants(code, functions)]),
        *functions.values(),
        *([INNER] if claims else []),
        *checking,
        *map(source, helpers),
        "\n".join(f"{name} = _checked({name})" for name in functions),
    ]
    module = "\n\n\n".join(block.rstrip() for block in blocks)
    head = [docs.module(), imports({**target.imports, **target.module.types}, names)]
    return "\n\n".join([*head, f"{module}\n"])
