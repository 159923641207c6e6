"""What must be rejected: wrong identities, wrong claims about them, wrong densities."""
