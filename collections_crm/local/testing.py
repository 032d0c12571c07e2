"""`manage.py test`: pytest with its arguments, on two processes unless told otherwise."""

import os
import sys

from .environment import BASE_DIR


def main(arguments: list[str]) -> int:
    """Replaces this process; pytest's exit code is the command's."""
    os.chdir(BASE_DIR)
    command = [sys.executable, "-m", "pytest", *in_parallel(arguments), *arguments]
    sys.stdout.flush()
    os.execv(sys.executable, command)


def in_parallel(arguments: list[str]) -> list[str]:
    """Two processes for the whole run; one where the arguments say so, or name a test or want a debugger."""
    for word in arguments:
        if word.startswith(("-n", "--numprocesses", "--dist", "--pdb", "--trace")) or "::" in word:
            return []
        if word in {"-h", "--help", "--collect-only", "--co", "no:xdist"}:
            return []
    return ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]  # the order is testpg.py's
