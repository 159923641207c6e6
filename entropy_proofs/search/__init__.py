"""Proposes identities; what it proposes counts only once the kernel has checked it."""
