"""`python -m entropy_proofs.atlas FOLDER`."""

import sys

from entropy_proofs.atlas.pages import main

if __name__ == "__main__":
    sys.exit(main())
