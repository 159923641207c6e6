"""Verifications of many models at many points, kept in a file."""
