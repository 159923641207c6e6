"""Maps beyond the kernel's, as they are written, and their normal forms."""
