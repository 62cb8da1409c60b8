"""``python -m consoleproxy``."""

import sys

from consoleproxy.cli.entry import main

sys.exit(main())
