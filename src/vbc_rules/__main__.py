"""`python -m vbc_rules` is `vbc-rules`."""

from __future__ import annotations

import sys

from vbc_rules.cli import main

sys.exit(main())
