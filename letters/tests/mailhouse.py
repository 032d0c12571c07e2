"""A mail house that misbehaves: 200, 500, hangs, or takes the letter and drops the line. It counts effects by key."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class MailHouse(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, seed: int, trouble: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.random, self.trouble, self.guard = random.Random(seed), trouble, threading.Lock()
        self.effects: Counter[str] = Counter()
        self.bytes: dict[str, set[str]] = {}
        self.requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed caller is expected."""


class _Handler(BaseHTTPRequestHandler):
    server: MailHouse

    def do_POST(self) -> None:
        key = self.headers["Idempotency-Key"]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.guard:
            self.server.requests += 1
            luck = self.server.random.random()
            part = self.server.trouble / 3
            if luck >= part:  # everything but a 500 takes the letter
                self.server.bytes.setdefault(key, set()).add(body["sha256"])
                if key not in self.server.effects:
                    self.server.effects[key] += 1
        if luck < part:
            self.send_error(500)
        elif luck < 2 * part:
            time.sleep(1.5)  # longer than the caller waits
        elif luck >= 3 * part:
            answer = json.dumps({"id": f"mh-{key}"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        # else: taken, and the line is dropped without an answer

    def log_message(self, *_: Any) -> None:
        """Silence."""


@contextmanager
def running(*, seed: int, trouble: float = 0.2) -> Iterator[MailHouse]:
    house = MailHouse(seed, trouble)
    thread = threading.Thread(target=house.serve_forever, daemon=True)
    thread.start()
    try:
        yield house
    finally:
        house.shutdown()
        house.server_close()
