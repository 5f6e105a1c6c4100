"""`python -m turnus` is the `turnus` command."""

import sys

from turnus.cli.main import main

sys.exit(main())
