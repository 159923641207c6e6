"""Student t distribution with known degrees of freedom (Lange, Little & Taylor, 1989).

Location and scale are learned, ν is not: log(1 + (x - m)²/(ν s)) has s inside the logarithm and is
no base measure, and no field on (m, s) yields it. The mean log-likelihood at its maximum is not
minus the entropy. Learn ν (student_t_distribution), and it is.
"""

from entropy_proofs import Model, StudentT

model = Model("Student t, known degrees of freedom", group="counterexamples")

nu = model.parameter("nu", domain="positive", fixed=True)
m = model.parameter("m")
s = model.parameter("s", domain="positive")

x = model.observed("x", StudentT(mean=m, scale2=s, degrees_of_freedom=nu))
