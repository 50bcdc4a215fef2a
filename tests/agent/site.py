"""A small web site on loopback, with everything in it that people's pages have and must not leave the machine."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MARKER = "SECRETMARKER"
"""Stands in queries, cookies, bodies and headers: wherever else it is found, something leaked."""

HOME = f"""<!doctype html><title>Home</title>
<link rel=icon href="/icon.png?{MARKER}"><img src="/slow.png?{MARKER}"><script src="/app.js?{MARKER}"></script>
<p>{MARKER}<script>document.cookie = "own={MARKER}"; localStorage.x = "{MARKER}"</script>"""


@dataclass
class Site:
    """Where it is, and which paths were asked for."""

    url: str
    asked: list[str] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(address: str = "127.0.0.1") -> Iterator[Site]:
    """Run the site on a free port of an address, loopback's if no other is named."""
    http = ThreadingHTTPServer((address, 0), _Handler)
    http.daemon_threads = True
    http.handle_error = lambda *_: None  # type: ignore[method-assign]
    site = http.site = Site(f"http://{address}:{http.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.hanging.set()
        http.shutdown()
        http.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        path = self.path.partition("?")[0]
        site.asked.append(path)
        match path:
            case "/":
                self._send(200, HOME, "text/html; charset=utf-8")
            case "/slow.png":
                time.sleep(0.2)
                self._send(200, "no picture", "image/png")
            case "/app.js":
                self._send(200, f"window.x = '{MARKER}'", "text/javascript")
            case "/moved":
                self._send(302, "", "text/html", Location=f"/?{MARKER}")
            case "/untitled":
                self._send(200, "<p>no title", "text/html")
            case "/dialog":
                self._send(200, "<title>Dialog</title><script>alert('stop')</script>", "text/html")
            case "/framed":
                port = site.url.rpartition(":")[2]
                frame = f'<iframe src="http://localhost:{port}/other?{MARKER}"></iframe>'
                self._send(200, f"<title>Framed</title>{frame}", "text/html")
            case "/hanging":
                site.hanging.wait(60)
            case "/other":
                self._send(200, "<title>Other</title>", "text/html")
            case _:
                self._send(404, "<title>Not here</title>nothing", "text/html")

    def _send(self, status: int, body: str, content_type: str, **headers: str) -> None:
        self.send_response(status)
        told = {"Content-Type": content_type, "Content-Length": str(len(body)), "Set-Cookie": f"set={MARKER}"}
        for name, value in (told | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the overridden one
        """Say nothing."""
