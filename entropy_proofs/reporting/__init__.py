"""What `make report` writes of the catalogue."""
