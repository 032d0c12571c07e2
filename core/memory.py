"""What a long-running process does once, when everything is loaded."""

import gc


def settle() -> None:
    """Take what is loaded by now out of the garbage collector's rounds: it stays until the process ends.

    Models, urls and templates are some hundred thousand objects that each full round would walk over again
    (docs.python.org, `gc.freeze`). Nothing is leaked by it: what comes later is collected as before.
    """
    gc.collect()
    gc.freeze()
