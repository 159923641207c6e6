"""The questions that one may ask of a model."""
