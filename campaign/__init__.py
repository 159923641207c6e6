"""A campaign that draws inputs at random and judges every answer by an oracle of its own."""
