"""A real browser without a window, led over its debugging protocol."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 60.0


def program() -> str:
    """Where it is; "" on a machine without one."""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


class Page:
    """One page of it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0

    async def _ask(self, method: str, **given: Any) -> dict[str, Any]:
        self._number += 1
        await self._socket.send(json.dumps({"id": self._number, "method": method, "params": given}))
        while True:
            answer = json.loads(await self._socket.recv())
            if answer.get("id") == self._number:
                result: dict[str, Any] = answer.get("result", {})
                return result

    async def visit(self, address: str) -> None:
        """Go there."""
        await self._ask("Page.navigate", url=address)

    async def run(self, script: str) -> Any:
        """What a script says."""
        found = await self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        return found.get("result", {}).get("value")

    async def until(self, script: str) -> Any:
        """Wait until a script says something true."""
        async with asyncio.timeout(PATIENCE):
            while not (found := await self.run(script)):
                await asyncio.sleep(0.05)
            return found

    async def click(self, selector: str) -> None:
        """With the mouse, in the middle of it."""
        box = await self.until(
            f"(() => {{ const e = document.querySelector({selector!r}); if (!e) return null;"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self._ask("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left",
                            clickCount=1)  # fmt: skip

    async def type(self, selector: str, text: str) -> None:
        """Click into a field, and type, once the page stands."""
        await self.until("document.readyState === 'complete'")
        await self.click(selector)
        await self.until(f"document.activeElement === document.querySelector({selector!r})")
        await self._ask("Input.insertText", text=text)
        await self.until(f"document.querySelector({selector!r}).value === {text!r}")


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Page]:
    """A fresh one with an empty page."""
    process = subprocess.Popen(
        [program(), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={folder}",
         "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        told = folder / "DevToolsActivePort"
        async with asyncio.timeout(PATIENCE):
            while not (told.exists() and told.read_text("ascii").strip()):
                await asyncio.sleep(0.05)
        port = told.read_text("ascii").split()[0]
        async with httpx.AsyncClient(trust_env=False) as client:
            pages = (await client.get(f"http://127.0.0.1:{port}/json")).json()
        address = next(one["webSocketDebuggerUrl"] for one in pages if one["type"] == "page")
        async with connect(address, max_size=None, proxy=None) as socket:
            yield Page(socket)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)
