"""A proof as a standalone Python module in NumPy, JAX or PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from entropy_proofs.errors import InputError
from entropy_proofs.numeric.evaluate import ProofCode
from entropy_proofs.numeric.functions import batch_for
from entropy_proofs.standalone.bodies import INDENT
from entropy_proofs.standalone.checks import checks
from entropy_proofs.standalone.docs import Docs
from entropy_proofs.standalone.functions import INNER, Functions, constants
from entropy_proofs.standalone.helpers import Import, imports, quoted, used
from entropy_proofs.standalone.sizes import arguments

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

# the types of an argument and of a result, and what provides their names
_ARRAYS: dict[str, tuple[str, str, dict[str, Import]]] = {
    "numpy": ("ArrayLike", "np.ndarray", {"ArrayLike": ("numpy.typing", "ArrayLike", "")}),
    "jax": (
        "ArrayLike",
        "jax.Array",
        {"ArrayLike": ("jax.typing", "ArrayLike", ""), "jax": ("jax", "", "")},
    ),
    "torch": ("torch.Tensor | float", "torch.Tensor", {}),
}


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
    nats per data point, without H[q] where q is given by samples. The source is as `ruff format`
    with a line length of 100 leaves it.

    Args:
        backend: "numpy", "jax" or "torch"; its library need not be installed here.
        expectation, covariance, nodes: how E_q is taken; see `entropy_proofs.compile`.

    Raises:
        InputError: there is no such backend, or it lacks a function that the model calls for; an
            option is unknown; an expectation has no closed form.
    """
    if backend not in _ARRAYS:
        raise InputError(f"no backend {backend!r} to write: choose from {', '.join(_ARRAYS)}")
    accepted, returned, provided = _ARRAYS[backend]
    code = ProofCode(
        proof, backend, batch_for(proof.model, backend, expectation, covariance, nodes)
    )
    shared = arguments(code)
    claims = any(term.holds for term in proof.terms)
    docs = Docs(proof, shared, backend, claims, code.batch)
    written = Functions(code, shared, docs, accepted, returned)
    functions = {**written.of_model(), **(written.of_identity() if claims else {})}
    own = [*constants(code, functions), *checks(shared, backend), *functions.values()]
    own += [INNER] if claims else []
    names = {name for block in own for name in used(block)}
    blocks = [*own, *quoted(backend, names).values()]
    source = "\n\n\n".join(block.rstrip() for block in blocks)
    public = "".join(f'{INDENT}"{name}",\n' for name in sorted(functions))
    module = f'__all__ = [\n{public}]\n\n_Function = TypeVar("_Function")\n{source}\n'
    return "\n\n".join([docs.module(), imports(backend, provided, module), module])
