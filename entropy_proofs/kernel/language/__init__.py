"""The term language, and statements in it."""
