"""Learning: ELBOs and entropy objectives maximised on data, with the gap at every iteration."""
