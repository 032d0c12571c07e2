"""What a long-running process does once, when everything is loaded."""

import gc


def settle() -> None:
    """Take what is loaded by now out of the garbage collector's rounds: it stays until the process ends.

    Models, urls and templates would be walked over again in each full round (docs.python.org, `gc.freeze`).
    What comes later is collected as before.
    """
    gc.collect()
    gc.freeze()
