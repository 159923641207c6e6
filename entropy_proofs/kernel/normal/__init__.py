"""Normal forms of values: what is rewritten, and what is known of signs."""
