"""What a user declares: sizes, parameters, conditionals, networks, weights, claims."""
