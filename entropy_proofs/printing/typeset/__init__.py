"""Mathematics as a tree, and what writes, measures and breaks it; knows nothing of SymPy."""
