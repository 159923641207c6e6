"""Matrices: regression, factor analysis, divergences of normals and Wisharts, the matrix cookbook."""

from __future__ import annotations

import sympy as sp

from steps_corpus.fact import Fact, step

from steps_corpus.symbols import (  # isort: skip
    D, E, F, G, H, ID, IH, In, Psi, R, S, Sig1, Sig2, T, V, W, a1, a2, bv, c, det, dv, half, hv, i,
    inv, j, lam, log, mv1, mv2, n, nu, number, pi, s, sqrt, tau, total, tr, u, v, xv, y, yv,
)  # fmt: skip

PD = "positive definite"
KL = {"Sig1": PD, "Sig2": PD}
BLR = {"Prec": PD, "Lam0": PD}
N, p = sp.symbols("N p", integer=True, positive=True)
DX, yN, bp, mp_, mn = (
    sp.MatrixSymbol(m, r, k)
    for m, r, k in (("DX", N, p), ("yN", N, 1), ("bp", p, 1), ("mp", p, 1), ("mn", p, 1))
)
PN, L0 = sp.MatrixSymbol("PN", N, N), sp.MatrixSymbol("L0", p, p)
Ln = DX.T * PN * DX + L0
post = inv(Ln) * (DX.T * PN * yN + L0 * mp_)
GLM = {"PN": PD, "L0": PD}
q1, q2 = sp.MatrixSymbol("q1", 1, 1), sp.MatrixSymbol("q2", 2, 2)
hat = DX * inv(DX.T * DX) * DX.T


def logdet(m: sp.MatrixExpr) -> sp.Expr:
    return log(det(m))


def quad(m: sp.MatrixExpr, v: sp.MatrixExpr) -> sp.Expr:
    return number(v.T * m * v)


FACTS: list[Fact] = [
    # divergences of normals and relatives ---------------------------------------------------------
    *step("mvn-kl", "quadratic forms as a trace", quad(inv(S), xv), tr(inv(S) * xv * xv.T),
          {"inverse lost": tr(S * xv * xv.T)}, {"S": PD}),
    *step("mvn-kl", "s3, the square written out", quad(inv(S), xv - mv2),
          tr(inv(S) * xv * xv.T) - 2 * number(mv2.T * inv(S) * xv) + quad(inv(S), mv2),
          {"factor": tr(inv(S) * xv * xv.T) - number(mv2.T * inv(S) * xv) + quad(inv(S), mv2),
           "sign": tr(inv(S) * xv * xv.T) + 2 * number(mv2.T * inv(S) * xv) + quad(inv(S), mv2)}, {"S": PD}),
    *step("mvn-kl", "s3 without symmetry", quad(R, xv - mv2),
          quad(R, xv) - number(mv2.T * R * xv) - number(xv.T * R * mv2) + quad(R, mv2),
          {"taken to be symmetric": quad(R, xv) - 2 * number(mv2.T * R * xv) + quad(R, mv2)}),
    *step("mvn-kl", "s5",
          half * (logdet(Sig2) - logdet(Sig1) - tr(inv(Sig1) * Sig1) + tr(inv(Sig2) * Sig1) + quad(inv(Sig2), mv1) - 2 * number(mv1.T * inv(Sig2) * mv2) + quad(inv(Sig2), mv2)),
          half * (quad(inv(Sig2), mv2 - mv1) + tr(inv(Sig2) * Sig1) - log(det(Sig1) / det(Sig2)) - n),
          {"ratio inverted": half * (quad(inv(Sig2), mv2 - mv1) + tr(inv(Sig2) * Sig1) - log(det(Sig2) / det(Sig1)) - n),
           "dimension lost": half * (quad(inv(Sig2), mv2 - mv1) + tr(inv(Sig2) * Sig1) - log(det(Sig1) / det(Sig2)) - 1),
           "inverse of the other": half * (quad(inv(Sig1), mv2 - mv1) + tr(inv(Sig2) * Sig1) - log(det(Sig1) / det(Sig2)) - n)}, KL),
    *step("mvn-dent", "entropy", n / 2 * log(2 * pi) + half * logdet(S) + half * tr(inv(S) * S), n / 2 * log(2 * pi * E) + half * logdet(S),
          {"dimension lost": half * log(2 * pi * E) + half * logdet(S), "half lost": n / 2 * log(2 * pi * E) + logdet(S)}, {"S": PD}),
    *step("mvn-dent", "scaled covariance", half * logdet(s * S), n / 2 * log(s) + half * logdet(S),
          {"once": half * log(s) + half * logdet(S)}, {"S": PD}),
    *step("mvn-ltt", "covariance of a transform", logdet(T * S * T.T), 2 * log(sp.Abs(det(T))) + logdet(S),
          {"once": log(sp.Abs(det(T))) + logdet(S)}, {"S": PD}),
    *step("ng-kl", "scaled precisions in the trace", tr((y**2 + 1) * Sig2 * inv((y**2 + 1) * Sig1)), tr(Sig2 * inv(Sig1)),
          {"scale left": (y**2 + 1) * tr(Sig2 * inv(Sig1))}, KL),
    *step("ng-kl", "scaled precisions in the log", log(det(inv(s * Sig1)) / det(inv(s * Sig2))), logdet(Sig2) - logdet(Sig1),
          {"sign": logdet(Sig1) - logdet(Sig2)}, KL),
    *step("ng-kl", "the scale drawn out", quad(s * Sig2, mv2 - mv1), s * quad(Sig2, mv1 - mv2), {"sum": s * quad(Sig2, mv1 + mv2)}),
    *step("wish-kl", "s3",
          (a2 - a1) * n / 2 * log(2) + a2 / 2 * logdet(Sig2) - a1 / 2 * logdet(Sig1) + (a1 - a2) / 2 * (n * log(2) + logdet(Sig1)) - a1 / 2 * tr(inv(Sig1) * Sig1) + a1 / 2 * tr(inv(Sig2) * Sig1),
          half * (a2 * (logdet(Sig2) - logdet(Sig1)) + a1 * tr(inv(Sig2) * Sig1) - a1 * n),
          {"sign of the trace as printed": half * (a2 * (logdet(Sig2) - logdet(Sig1)) - a1 * tr(inv(Sig2) * Sig1) - a1 * n),
           "dimension": half * (a2 * (logdet(Sig2) - logdet(Sig1)) + a1 * tr(inv(Sig2) * Sig1) - a1)}, KL),
    *step("wish-mean", "trace of a scaled matrix", tr(R * (nu * V)), nu * tr(R * V), {"order and transpose": nu * tr(R * V.T)}),
    *step("matn-kl", "vec as a trace", tr((S - T).T * R * (S - T) * V), tr(R * (S - T) * V * (S - T).T), {"order": tr(R * (S - T).T * V * (S - T))}),
    # regression -----------------------------------------------------------------------------------
    *step("blr-post", "the square written out", quad(PN, yN - DX * bp), quad(PN, yN) - 2 * number(bp.T * DX.T * PN * yN) + quad(DX.T * PN * DX, bp),
          {"factor": quad(PN, yN) - number(bp.T * DX.T * PN * yN) + quad(DX.T * PN * DX, bp),
           "sign": quad(PN, yN) + 2 * number(bp.T * DX.T * PN * yN) + quad(DX.T * PN * DX, bp)}, GLM),
    *step("blr-post", "completing the square", quad(PN, yN - DX * bp) + quad(L0, bp - mp_),
          quad(Ln, bp - post) + quad(PN, yN) + quad(L0, mp_) - quad(Ln, post),
          {"sign of the last": quad(Ln, bp - post) + quad(PN, yN) + quad(L0, mp_) + quad(Ln, post),
           "prior lost": quad(Ln, bp - post) + quad(PN, yN) - quad(Ln, post)}, GLM),
    *step("blr-post", "the posterior mean's equation", number(bp.T * Ln * post), number(bp.T * (DX.T * PN * yN + L0 * mp_)),
          {"prior mean without precision": number(bp.T * (DX.T * PN * yN + mp_))}, GLM),
    *step("blr-post", "scaled determinants", logdet(tau * PN) + logdet(tau * L0), (N + p) * log(tau) + logdet(PN) + logdet(L0),
          {"product of sizes": N * p * log(tau) + logdet(PN) + logdet(L0)}, GLM),
    *step("blr-lme", "log evidence", half * log(det(PN) / (2 * pi) ** N) + half * log(det(L0) / det(Ln)),
          half * logdet(PN) - N / 2 * log(2 * pi) + half * logdet(L0) - half * logdet(Ln),
          {"size": half * logdet(PN) - half * log(2 * pi) + half * logdet(L0) - half * logdet(Ln),
           "sign": half * logdet(PN) - N / 2 * log(2 * pi) + half * logdet(L0) + half * logdet(Ln)}, GLM),
    *step("mlr-ols", "residual sum of squares", number((yN - DX * bp).T * (yN - DX * bp)), number(yN.T * yN) - 2 * number(bp.T * DX.T * yN) + number(bp.T * DX.T * DX * bp),
          {"factor": number(yN.T * yN) - number(bp.T * DX.T * yN) + number(bp.T * DX.T * DX * bp)}),
    *step("mlr-ols", "put in", number((DX * inv(DX.T * DX) * DX.T * yN).T * yN), number(yN.T * DX * inv(DX.T * DX) * DX.T * yN),
          {"inverse lost": number(yN.T * DX * DX.T * yN)}),
    *step("mlr-idem", "projection applied twice", quad(hat * hat, yN), quad(hat, yN), {"as the identity": number(yN.T * yN)}),
    *step("mlr-rss", "residual-forming matrix", number((yN - hat * yN).T * (yN - hat * yN)), number(yN.T * yN) - quad(hat, yN),
          {"sign": number(yN.T * yN) + quad(hat, yN)}),
    *step("mlr-pss", "fit plus residual", quad(hat, yN) + number((yN - hat * yN).T * (yN - hat * yN)), number(yN.T * yN)),
    *step("mlr-rss", "trace of the projection", tr(hat), p, {"number of data": N}),
    *step("glm-mle", "weighted", quad(PN, yN - DX * inv(DX.T * PN * DX) * DX.T * PN * yN), quad(PN, yN) - quad(PN * DX * inv(DX.T * PN * DX) * DX.T * PN, yN),
          {"unweighted": quad(PN, yN) - quad(DX * inv(DX.T * PN * DX) * DX.T, yN)}, GLM),
    *step("ridge regression", "dual form", number(yN.T * DX * inv(DX.T * DX + lam * sp.Identity(p)) * DX.T * yN), number(yN.T * inv(DX * DX.T + lam * sp.Identity(N)) * DX * DX.T * yN),
          {"penalty squared": number(yN.T * inv(DX * DX.T + lam**2 * sp.Identity(N)) * DX * DX.T * yN)}),
    # probabilistic PCA, factor analysis -----------------------------------------------------------
    *step("p-PCA", "Woodbury", quad(inv(W * W.T + s * ID), dv), number(dv.T * dv) / s - number(dv.T * W * inv(s * IH + W.T * W) * W.T * dv) / s,
          {"sign": number(dv.T * dv) / s + number(dv.T * W * inv(s * IH + W.T * W) * W.T * dv) / s,
           "factor": number(dv.T * dv) / s - number(dv.T * W * inv(s * IH + W.T * W) * W.T * dv)}),
    *step("p-PCA", "determinant", logdet(W * W.T + s * ID), (D - H) * log(s) + logdet(s * IH + W.T * W),
          {"dimension": D * log(s) + logdet(s * IH + W.T * W), "size lost": logdet(s * IH + W.T * W)}),
    *step("p-PCA", "trace", tr(W * W.T + s * ID), tr(W.T * W) + D * s, {"dimension": tr(W.T * W) + H * s, "once": tr(W.T * W) + s}),
    *step("p-PCA", "reconstruction", number((dv - W * hv).T * (dv - W * hv)), number(dv.T * dv) - 2 * number(hv.T * W.T * dv) + quad(W.T * W, hv),
          {"factor": number(dv.T * dv) - number(hv.T * W.T * dv) + quad(W.T * W, hv)}),
    *step("p-PCA", "second moment", tr(W.T * W * (G + hv * hv.T)), tr(W * G * W.T) + number(hv.T * W.T * W * hv), {"covariance lost": number(hv.T * W.T * W * hv)}),
    *step("factor analysis", "Woodbury", quad(inv(W * W.T + Psi), dv), quad(inv(Psi), dv) - quad(inv(Psi) * W * inv(IH + W.T * inv(Psi) * W) * W.T * inv(Psi), dv),
          {"sign": quad(inv(Psi), dv) + quad(inv(Psi) * W * inv(IH + W.T * inv(Psi) * W) * W.T * inv(Psi), dv),
           "one inverse lost": quad(inv(Psi), dv) - quad(inv(Psi) * W * inv(IH + W.T * inv(Psi) * W) * W.T, dv)}, {"Psi": PD}),
    *step("factor analysis", "determinant lemma", logdet(W * W.T + Psi), logdet(Psi) + logdet(IH + W.T * inv(Psi) * W),
          {"noise lost": logdet(IH + W.T * inv(Psi) * W), "sign": logdet(Psi) - logdet(IH + W.T * inv(Psi) * W)}, {"Psi": PD}),
    *step("factor analysis", "the gain, two ways", number(hv.T * inv(IH + W.T * inv(Psi) * W) * W.T * inv(Psi) * dv), number(hv.T * W.T * inv(Psi + W * W.T) * dv),
          {"latent part lost": number(hv.T * W.T * inv(Psi) * dv)}, {"Psi": PD}),
    *step("factor analysis", "with a latent covariance", quad(inv(W * G * W.T + s * ID), dv), number(dv.T * dv) / s - number(dv.T * W * inv(s * inv(G) + W.T * W) * W.T * dv) / s,
          {"inverse of the covariance lost": number(dv.T * dv) / s - number(dv.T * W * inv(s * G + W.T * W) * W.T * dv) / s}, {"G": PD}),
    *step("Kalman filter", "Joseph form, trace", tr((In - S) * T * (In - S).T + S * R * S.T), tr(T) - tr(S * T) - tr(T * S.T) + tr(S * (T + R) * S.T),
          {"transpose taken away": tr(T) - 2 * tr(S * T) + tr(S * (T + R) * S.T)}),
    # the matrix cookbook --------------------------------------------------------------------------
    *step("cookbook 11-17", "cyclic", tr(S * T * R), tr(R * S * T), {"order": tr(T * S * R)}),
    *step("cookbook 11-17", "transposed", tr(S.T * T), tr(T.T * S), {"no transpose": tr(T * S)}),
    *step("cookbook 11-17", "sum", tr(S + c * T), tr(S) + c * tr(T), {"product": tr(S) * c * tr(T)}),
    *step("cookbook 11-17", "product of traces", tr(S) * tr(T), tr(S + S) * tr(T) / 2, {"trace of the product": tr(S * T)}),
    *step("cookbook 11-17", "square of the norm", tr(S.T * S), total(total(S[i, j] ** 2, j, n - 1, low=0), i, n - 1, low=0), {"square of the trace": tr(S) ** 2, "no transpose": tr(S * S)}),
    *step("cookbook 11-17", "inner product", number(xv.T * yv), tr(yv * xv.T), {"times size": n * tr(yv * xv.T)}),
    *step("cookbook 18-24", "transpose", det(S.T), det(S), {"sign": -det(S)}),
    *step("cookbook 18-24", "product", det(S * T), det(S) * det(T), {"sum": det(S) + det(T)}),
    *step("cookbook 18-24", "sum", det(S + S), 2**n * det(S), {"sum of determinants": (det(S + T), det(S) + det(T)), "factor": 2 * det(S)}),
    *step("cookbook 18-24", "inverse", det(inv(S)) * det(S), sp.Integer(1), {"squared": (det(inv(S)), det(S))}),
    *step("cookbook 18-24", "power", det(S * S), det(S) ** 2, {"factor": 2 * det(S)}),
    *step("cookbook 18-24", "scaled by a negative", det(-S), (-1) ** n * det(S), {"once": -det(S), "none": det(S)}),
    *step("cookbook 18-24", "absolute value", sp.Abs(det(S)) ** 2, det(S) ** 2, {"signed": (sp.Abs(det(S)), det(S))}),
    *step("cookbook 18-24", "root of the square", sqrt(det(S * S.T)), sp.Abs(det(S)), {"signed": det(S)}),
    *step("cookbook 18-24", "rank one", det(In + xv * yv.T), 1 + number(xv.T * yv), {"sign": 1 - number(xv.T * yv), "one lost": number(xv.T * yv)}),
    *step("cookbook 18-24", "Sylvester", det(ID + W * F.T), det(IH + F.T * W), {"sign": det(IH - F.T * W)}),
    *step("cookbook 25", "two by two", det(q2), q2[0, 0] * q2[1, 1] - q2[0, 1] * q2[1, 0], {"sign": q2[0, 0] * q2[1, 1] + q2[0, 1] * q2[1, 0]}),
    *step("cookbook 25", "Cayley and Hamilton, trace", 2 * det(q2), tr(q2) ** 2 - tr(q2 * q2), {"half": tr(q2) ** 2 / 2 - tr(q2 * q2) / 2}),
    *step("cookbook 25", "one by one", det(q1), q1[0, 0]),
    *step("cookbook 145", "inverse of a product", tr(inv(S * T) * R), tr(inv(T) * inv(S) * R), {"order": tr(inv(S) * inv(T) * R)}),
    *step("cookbook 145", "inverse of the transpose", tr(inv(S.T) * R), tr(inv(S).T * R), {"transpose lost": tr(inv(S) * R)}),
    *step("cookbook 145", "inverse times itself", tr(inv(S) * S), n, {"transposed": (tr(inv(S).T * S), n), "off by one": n - 1}),
    *step("cookbook 145", "orthogonal by mistake", tr(S.T * S) - tr(S * S.T), sp.Integer(0), {"taken to be orthogonal": (tr(S.T * S), n)}),
    *step("cookbook 156", "one factor in", tr(inv(S + T)), tr(inv(S) * inv(In + T * inv(S))),
          {"sum of inverses": (tr(inv(S + T)), tr(inv(S)) + tr(inv(T)))}),
    *step("cookbook 163", "push through", tr(inv(In + S * T) * S * R), tr(S * inv(In + T * S) * R), {"order": tr(inv(In + T * S) * S * R)}),
    *step("cookbook 165", "Searle", tr(S * inv(S + T) * T), tr(T * inv(S + T) * S), {"inverses": tr(inv(S) * (S + T) * inv(T))}),
    *step("cookbook 165", "sum of inverses", tr(inv(S) + inv(T)), tr(inv(S) * (S + T) * inv(T)), {"order inside": tr(inv(S) * (S - T) * inv(T))}),
    *step("cookbook 160", "Sherman and Morrison", quad(inv(S + xv * xv.T), yv), quad(inv(S), yv) - number(xv.T * inv(S) * yv) ** 2 / (1 + quad(inv(S), xv)),
          {"sign": quad(inv(S), yv) + number(xv.T * inv(S) * yv) ** 2 / (1 + quad(inv(S), xv)),
           "square lost": quad(inv(S), yv) - number(xv.T * inv(S) * yv) / (1 + quad(inv(S), xv))}, {"S": PD}),
    *step("cookbook 346", "quadratic form is symmetric in its matrix", quad(R, xv), quad(R.T, xv), {"not the bilinear one": (number(xv.T * R * yv), number(yv.T * R * xv))}),
    *step("cookbook 346", "bilinear form transposed", number(xv.T * R * yv), number(yv.T * R.T * xv), {"no transpose": number(yv.T * R * xv)}),
    *step("cookbook 346", "symmetric matrix", number(xv.T * V * yv), number(yv.T * V * xv), {"sign": -number(yv.T * V * xv)}, {"V": "symmetric"}),
    *step("cookbook 346", "quadratic form as a sum", quad(R, xv), total(total(xv[i, 0] * R[i, j] * xv[j, 0], j, n - 1, low=0), i, n - 1, low=0),
          {"diagonal only": total(xv[i, 0] ** 2 * R[i, i], i, n - 1, low=0), "range": total(total(xv[i, 0] * R[i, j] * xv[j, 0], j, n - 2, low=0), i, n - 1, low=0)}),
    *step("cookbook 346", "two quadratic forms completed", number((xv - mv1).T * (xv - mv1)) + number((xv - mv2).T * (xv - mv2)),
          2 * number((xv - (mv1 + mv2) / 2).T * (xv - (mv1 + mv2) / 2)) + half * number((mv1 - mv2).T * (mv1 - mv2)),
          {"sign": 2 * number((xv - (mv1 + mv2) / 2).T * (xv - (mv1 + mv2) / 2)) - half * number((mv1 - mv2).T * (mv1 - mv2))}),
    *step("cookbook 346", "product of normals", quad(Sig1, xv - mv1) + quad(Sig2, xv - mv2),
          quad(Sig1 + Sig2, xv - inv(Sig1 + Sig2) * (Sig1 * mv1 + Sig2 * mv2)) + quad(Sig1, mv1) + quad(Sig2, mv2) - quad(inv(Sig1 + Sig2), Sig1 * mv1 + Sig2 * mv2),
          {"sign of the last": quad(Sig1 + Sig2, xv - inv(Sig1 + Sig2) * (Sig1 * mv1 + Sig2 * mv2)) + quad(Sig1, mv1) + quad(Sig2, mv2) + quad(inv(Sig1 + Sig2), Sig1 * mv1 + Sig2 * mv2)}, KL),
    *step("covariance", "sum over data", total((xv[i, 0] - bv[i, 0]) ** 2, i, n - 1, low=0), number((xv - bv).T * (xv - bv)), {"sign": number((xv + bv).T * (xv + bv))}),
    *step("Gaussian process", "log marginal likelihood", -half * quad(inv(S + s * In), yv) - half * logdet(S + s * In) - n / 2 * log(2 * pi),
          -half * (quad(inv(S + s * In), yv) + logdet(S + s * In) + n * log(2 * pi)),
          {"size": -half * (quad(inv(S + s * In), yv) + logdet(S + s * In) + log(2 * pi))}, {"S": PD}),
    *step("Gaussian process", "scaled kernel", logdet(c * (S + s * In)), n * log(c) + logdet(S + s * In), {"once": log(c) + logdet(S + s * In)}, {"S": PD}),
    *step("log det", "of an inverse", logdet(inv(S)), -logdet(S), {"sign": logdet(S)}, {"S": PD}),
    *step("log det", "of a product", logdet(S * T), logdet(S) + logdet(T), {"sign": logdet(S) - logdet(T), "product": logdet(S) * logdet(T)}, {"S": PD, "T": PD}),
    *step("log det", "of a square", logdet(S * S), 2 * log(sp.Abs(det(S))), {"once": log(sp.Abs(det(S)))}),
    *step("log det", "of a general product", log(sp.Abs(det(S * T))), log(sp.Abs(det(S))) + log(sp.Abs(det(T))), {"sign": log(sp.Abs(det(S))) - log(sp.Abs(det(T)))}),
    *step("log det", "identity", logdet(s * In), n * log(s), {"once": log(s)}),
    *step("log det", "of a sum", logdet(S + T), logdet(S) + logdet(In + inv(S) * T), {"sum of the two": logdet(S) + logdet(T)}, {"S": PD, "T": PD}),
    *step("normal change of variable", "log density of a linear map", -half * quad(inv(T * T.T), xv) - half * logdet(T * T.T), -half * number((inv(T) * xv).T * (inv(T) * xv)) - log(sp.Abs(det(T))),
          {"missing Jacobian": -half * number((inv(T) * xv).T * (inv(T) * xv)), "sign of the Jacobian": -half * number((inv(T) * xv).T * (inv(T) * xv)) + log(sp.Abs(det(T)))}),
    *step("idempotent", "identity minus", tr(In - S) + tr(S), n, {"off by one": n + 1}),
    *step("Newton", "symmetrised", quad((R + R.T) / 2, xv), quad(R, xv), {"antisymmetric part": (quad((R - R.T) / 2, xv), quad(R, xv))}),
    *step("antisymmetric", "vanishes", quad(R - R.T, xv), sp.Integer(0), {"bilinear": (number(xv.T * (R - R.T) * yv), sp.Integer(0))}),
    *step("explicit", "sign of a permutation", det(sp.Matrix([[0, u], [v, 0]])), -u * v, {"no sign": (det(sp.Matrix([[0, u], [v, 0]])), u * v)}),
    *step("written out", "Woodbury as sums", (dv.T * inv(W * W.T + s * ID) * dv)[0, 0], (dv.T * dv)[0, 0] / s - (dv.T * W * inv(s * IH + W.T * W) * W.T * dv)[0, 0] / s,
          {"sign": (dv.T * dv)[0, 0] / s + (dv.T * W * inv(s * IH + W.T * W) * W.T * dv)[0, 0] / s}),
    *step("written out", "form against its sum", (xv.T * R * xv)[0, 0], quad(R, xv), {"transposed bilinear": ((xv.T * R * yv)[0, 0], number(yv.T * R * xv))}),
    *step("written out", "element of a product", (S * T)[0, 0], total(S[0, j] * T[j, 0], j, n - 1, low=0), {"transposed": total(S[j, 0] * T[j, 0], j, n - 1, low=0)}),
]  # fmt: skip
