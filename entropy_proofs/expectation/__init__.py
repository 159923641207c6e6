"""E_q in closed form or by nodes."""
