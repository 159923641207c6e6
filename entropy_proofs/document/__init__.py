"""Documents: what they consist of, and how each format writes them."""
