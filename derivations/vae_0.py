"""VAE-0: a Gaussian VAE with known decoder variance (Kingma & Welling, 2014).

The model of arXiv:2010.14860 for which the sum of three entropies fails: with σ² known, the mean
squared residual need not be σ² at a stationary point. Scaling the last layer (V, b) leaves a
pseudo-entropy, -‖f(z)‖²/(2σ²) over the base measure N(x; 0, σ² I), so that at stationary points

    F = H[q] - H/2 log(2πe) + E[log N(x; 0, σ² I)] + E_q‖f(z)‖²/(2σ²).

Learn σ² (vae_1), and the entropies return.
"""

from entropy_proofs import Model, Normal

model = Model("VAE-0, known decoder variance", group="counterexamples")
D, H = model.dims("D", "H")

sigma2 = model.parameter("sigma2", domain="positive", fixed=True)

z = model.latent("z", Normal(mean=0, variance=1), H)
f = model.network("f", z, D)
x = model.observed("x", Normal(mean=f, variance=sigma2), D)
