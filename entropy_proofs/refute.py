def refute_term(model, term): return None
def refute(conditionals, parameters, latents): return None
