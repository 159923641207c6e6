"""Learning: schedules of the bound's weights, and what trains with them."""
