"""A declared model as a paper writes it down."""
