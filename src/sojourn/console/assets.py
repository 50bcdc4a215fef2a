"""The stylesheet and the scripts: each under a name that changes with its content, so that it is kept for ever.

All of `static/*.css` is one stylesheet: `console.css` first, the others by name. `console.js` is what a page loads; it
imports the other modules as `./name.js`, which are named by their content too.
"""

import hashlib
import re
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from sojourn.console.page import PublicPage
from sojourn.web.errors import NotServed

FOREVER = "public, max-age=31536000, immutable"

_IMPORT = re.compile(r'(?<=["\'])\./(?P<name>[a-z-]+\.js)(?=["\'])')
_STATIC = files("sojourn.console") / "static"
_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class Assets:
    """What pages load besides themselves."""

    def __init__(self) -> None:
        texts = {each.name: each.read_text(encoding="utf-8") for each in _STATIC.iterdir() if each.is_file()}
        sheets = sorted(
            (name for name in texts if name.endswith(".css")), key=lambda name: (name != "console.css", name)
        )
        self._texts = {name: text for name, text in texts.items() if not name.endswith(".css")}
        self._texts["console.css"] = "".join(texts[name] for name in sheets)
        self._served: dict[str, bytes] = {}
        self._names: dict[str, str] = {}
        for name in self._texts:
            self.path(name)

    def path(self, name: str) -> str:
        """Where one is served."""
        if name not in self._names:
            text = _IMPORT.sub(lambda found: self.path(found["name"]), self._texts[name])
            stem, _, kind = name.rpartition(".")
            served = f"{stem}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.{kind}"
            self._served[served] = text.encode()
            self._names[name] = f"/static/{served}"
        return self._names[name]

    async def serve(self, request: Request) -> Response:
        """One of them."""
        name = request.path_params["name"]
        if name not in self._served:
            raise NotServed(404)
        media_type = _KINDS[name.rpartition(".")[2]]
        headers = {"Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"}
        return Response(self._served[name], media_type=media_type, headers=headers)

    def pages(self) -> list[PublicPage]:
        """How they are reached."""
        return [PublicPage(method="GET", path="/static/{name}", handle=self.serve)]
