"""EM on data: exact updates iterated, from sufficient statistics wherever a model has them."""
