"""Whether what was declared or proposed is true: the kernel's answer, and numbers beside it."""
