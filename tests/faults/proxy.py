"""A bad network between the application and its database: slow, cut, or swallowing what comes back."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from typing import Literal

from tests.engines import free_port

Trouble = Literal["none", "slow", "cut", "half-open", "no-reply-to-commit"]


class Proxy:
    """Listens on a port of its own and passes everything on; `trouble` may change at any moment."""

    def __init__(self, port: int) -> None:
        self.target, self.port = port, free_port()
        self.delay = 0.0
        self.trouble: Trouble = "none"
        self.swallowed = 0
        self.swallow_max = 0
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection there is."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        # A thread that sits in accept() wakes up only when the socket is shut down.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        try:
            if self.trouble == "cut":
                raise ConnectionRefusedError
            far = socket.create_connection(("127.0.0.1", self.target), timeout=10)
        except OSError:
            near.close()
            return
        pair = (near, far)
        with self._lock:
            self._pairs.add(pair)
        with near, far, contextlib.suppress(OSError), selectors.DefaultSelector() as both:
            both.register(near, selectors.EVENT_READ, far)
            both.register(far, selectors.EVENT_READ, near)
            self._pass_on(both, near)
        with self._lock:
            self._pairs.discard(pair)

    def _pass_on(self, both: selectors.BaseSelector, near: socket.socket) -> None:
        committing = False
        while True:
            for key, _ in both.select():
                here, there = key.fileobj, key.data
                assert isinstance(here, socket.socket)
                piece = here.recv(65536)
                if not piece:
                    return
                if here is near:
                    committing = b"COMMIT" in piece
                    if self.delay:
                        time.sleep(self.delay)
                elif committing and self._swallows():
                    return  # the server has committed; whoever asked never learns of it
                while self.trouble == "half-open":
                    time.sleep(0.05)
                there.sendall(piece)

    def _swallows(self) -> bool:
        with self._lock:
            if self.trouble != "no-reply-to-commit" or self.swallowed >= self.swallow_max:
                return False
            self.swallowed += 1
            return True
