"""How fast generated code is: ratios against code written by hand, measured side by side."""
