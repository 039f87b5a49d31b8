"""``python -m animestudy.cli`` is the command `animestudy`."""

import sys

from animestudy.cli import main

sys.exit(main())
