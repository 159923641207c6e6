"""Are two expressions equal at every declared value?  On the kernel's notion of equality."""
