"""`python -m functape`: the same as the `functape` command."""

import sys

from functape.cli import main

if __name__ == "__main__":
    sys.exit(main())
