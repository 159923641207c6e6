"""Numbers from symbolic objects: generated code, random instances, fits on real data."""
