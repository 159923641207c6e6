"""What all commands share: their options, what they print, and where it goes."""
