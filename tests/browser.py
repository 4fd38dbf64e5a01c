"""A real Chromium, driven over its debugging pipe: one process for many pages, sizes and colour schemes.

The pipe (--remote-debugging-pipe) carries JSON messages of the Chrome DevTools Protocol, each ended by a NUL byte, in
through file descriptor 3 and out through 4; it needs no port and no library.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import need_program

#: Pictures of outlets are asked for at addresses that lead nowhere; no name is looked up.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
#: Seconds that a page may take until it has loaded, and a command until it is answered.
PATIENCE = 60

#: Puts the browser's ends of the two pipes where it looks for them, and becomes the browser.
LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One window of a running Chromium."""

    def __init__(self, to: int, out: int) -> None:
        self._to, self._out = to, out
        self._buffer, self._number, self._session = b"", 0, ""
        self._events: list[dict[str, Any]] = []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self("Page.enable")

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the protocol takes
        """One command and its result; raises AssertionError with the browser's words when it fails."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._number:
            self._events.append(answer)
        assert "error" not in answer, f"{method}: {answer['error']}"
        found: dict[str, Any] = answer["result"]
        return found

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            assert select.select([self._out], [], [], PATIENCE)[0], f"Chromium said nothing for {PATIENCE} s"
            piece = os.read(self._out, 1 << 20)
            assert piece, "Chromium has ended"
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def show(self, url: str, width: int = 1280, height: int = 900, *, media: str = "", **features: str) -> None:
        """Open a page in a window of this size (CSS pixels) and wait for it; `features`: media features to emulate."""
        wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self("Emulation.setEmulatedMedia", media=media, features=wanted)
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.follow(lambda: self("Page.navigate", url=url))

    def follow(self, step: Callable[[], object]) -> None:
        """Do what opens another page, and wait until that has loaded."""
        self._events.clear()
        step()
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            self._events.append(self._read())

    def ask(self, expression: str) -> Any:  # noqa: ANN401 - whatever the expression gives
        """The value of an expression in the page, as JSON; a promise is waited for."""
        found = self("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """One key, by its name and its Windows key code."""
        text = {"text": "\r"} if key == "Enter" else {}
        self("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, **text)
        self("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def picture(self, *, whole: bool = False) -> bytes:
        """A PNG of the window, or of the whole page."""
        return b64decode(self("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A Chromium with a fresh profile below a folder; skips the test where it is not installed."""
    program = need_program("chromium")
    (theirs, to), (out, also_theirs) = os.pipe(), os.pipe()
    command = [program, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--remote-debugging-pipe"]
    launch = [sys.executable, "-c", LAUNCH, str(theirs), str(also_theirs), *command]
    process = subprocess.Popen(launch, pass_fds=(theirs, also_theirs), stderr=subprocess.DEVNULL)
    os.close(theirs)
    os.close(also_theirs)
    try:
        yield Browser(to, out)
    finally:
        os.close(to)
        os.close(out)
        process.terminate()
        process.wait(PATIENCE)
