"""Steps of published hand derivations, true and with a slip, and what is decided of them."""
