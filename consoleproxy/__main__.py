"""``python -m consoleproxy``."""

import sys

from consoleproxy.cli import main

sys.exit(main())
