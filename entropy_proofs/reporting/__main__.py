"""`python -m entropy_proofs.reporting FOLDER`.

What other processes run stands in a module of its own: they can't import a package's `__main__`.
"""

import sys

from entropy_proofs.reporting.report import main

if __name__ == "__main__":
    sys.exit(main())
