"""Records of a result: terms, conditions, certificates, verdicts."""
