"""What `make atlas` writes: a page for every model and family of the catalogue, with its proof."""
