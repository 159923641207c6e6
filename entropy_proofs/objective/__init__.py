"""The ELBO with closed-form optima of parameters put in."""
