#!/usr/bin/env python3
"""The project's one door: `python3 manage.py up`, `python3 manage.py test`, and Django's own commands."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    # By path, not by import: the package itself needs what the bootstrap installs.
    runpy.run_path(str(Path(__file__).resolve().parent / "collections_crm" / "bootstrap.py"))["ensure"]()
    from collections_crm.local.commands import main

    sys.exit(main(sys.argv[1:]))
