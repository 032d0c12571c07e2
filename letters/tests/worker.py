"""A sending process for the fault tests: sends until it is killed. Short lease, short waits, everything else real."""

import os
import time
from datetime import timedelta

import django


def main() -> None:
    django.setup()
    from django.conf import settings

    from core import clock, work
    from letters import services
    from letters.services import leasing, sending

    settings.LETTERS["POST"]["timeout"] = 0.5
    settings.MEDIA_ROOT = os.environ["MEDIA"]
    object.__setattr__(leasing.WORK, "lease", timedelta(seconds=2))
    sending.FRESH = 0.5  # well below the lease, as in earnest
    work.backoff = lambda tries: timedelta(milliseconds=100)
    print("ready", flush=True)  # noqa: T201
    while True:
        if not services.send_due(at=clock.now()):
            time.sleep(0.05)


if __name__ == "__main__":
    main()
