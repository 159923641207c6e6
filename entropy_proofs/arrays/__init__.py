"""What a user writes: arrays of symbolic shapes, their functions and indices."""
