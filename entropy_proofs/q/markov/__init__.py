"""q of chains: Markov in time, of discrete states or Gaussian."""
