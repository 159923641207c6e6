"""Bradley-Terry model of paired comparisons (Zermelo, 1929; Bradley & Terry, 1952).

Player i beats player j with log-odds s_i - s_j; one data point is a tournament in which all meet
all (and themselves, log 2 each). Log-odds are linear in the strengths, so all strengths scale
together, and that only differences matter does no harm.
"""

from entropy_proofs import Bernoulli, Model, exp, log

model = Model("Bradley-Terry model", group="relational models")
n = model.dims("n")

s = model.parameter("s", n)

x = model.observed("x", Bernoulli(logits=s[:, None] - s[None, :]), n, n)

worth = exp(s)
both = worth[:, None] + worth[None, :]
games = (log(both) - ((worth * s)[:, None] + (worth * s)[None, :]) / both).sum()
model.claim("field", {s: s})
model.claim("entropy", x, games)
model.claim("entropy sum", -games)
