"""Who asks, from where, and what every answer carries: sessions, hosts, origins, headers."""

import hashlib
import hmac
import ipaddress
import os
import secrets
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "animestudy"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DAYS = 7
SAFE = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
}


class Sessions:
    """Unguessable tokens that only this server can have made: 256 random bits and their seal."""

    def __init__(self, folder: Path) -> None:
        file = folder / "key"
        if not file.exists():
            file.touch(0o600)
            file.write_bytes(secrets.token_bytes(32))
        self.key = file.read_bytes()

    def seal(self, text: str) -> str:
        """What nobody without the key can compute."""
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def new(self) -> str:
        """A token for somebody new."""
        text = secrets.token_urlsafe(32)
        return f"{text}.{self.seal(text)}"

    def user(self, token: str) -> str | None:
        """The name under which jobs of this token are kept, if it is one of ours."""
        text, _, seal = token.partition(".")
        good = token.isascii() and hmac.compare_digest(seal, self.seal(text))
        return hashlib.sha256(token.encode()).hexdigest() if good else None


def cookie(headers: Headers) -> str:
    """The session token of a request, or nothing."""
    try:
        held = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return held.value if held else ""


def trusted(host: str, names: Sequence[str]) -> bool:
    """Whether a Host header means this server: a web page elsewhere may not point its own name at it."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name in names:
        return True
    if "*" not in names:
        return False
    try:  # served to a network: by any of its addresses, or by the names that were said
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def foreign(scope: Scope, headers: Headers) -> bool:
    """Whether a browser says that a page of another site is asking."""
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return True
    origin = headers.get("origin")
    return origin is not None and origin != f"{scope['scheme']}://{headers.get('host', '')}"


class Guard:
    """ASGI middleware: refuses strangers, gives each visitor a session, and dresses every answer.

    Sets `scope["state"]["user"]`, None where a request has no session and cannot be given one.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, names: Sequence[str]) -> None:
        self.app, self.sessions, self.names = app, sessions, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers, fresh = Headers(scope=scope), ""
        user = self.sessions.user(cookie(headers))
        path = scope["path"]
        if user is None and scope["method"] in SAFE and (path == "/" or path.startswith("/api/")):
            fresh = self.sessions.new()
            user = self.sessions.user(fresh)
        scope.setdefault("state", {})["user"] = user

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    out.setdefault(name, value)
                out.setdefault("cache-control", "no-cache" if path.startswith("/page/") else "no-store")
                if fresh:
                    out.append("set-cookie", self.said(fresh, scope["scheme"] == "https"))
            await send(message)

        refusal = self.refusal(scope, headers, user)
        answer = JSONResponse({"error": refusal[1]}, refusal[0]) if refusal else self.app
        await answer(scope, receive, dressed)

    def refusal(self, scope: Scope, headers: Headers, user: str | None) -> tuple[int, str] | None:
        """Status and words where the request may not go on."""
        if not trusted(headers.get("host", ""), self.names):
            return 400, "This server is not known under that name."
        if scope["method"] in SAFE:
            return None
        if foreign(scope, headers):
            return 403, "Requests from other sites are not accepted."
        if user is None:
            return 403, "There is no session yet: open the page first, with cookies allowed."
        return None

    @staticmethod
    def said(token: str, secure: bool) -> str:
        """The cookie's line."""
        words = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={DAYS * 86400}"
        return words + ("; Secure" if secure else "")


def private() -> None:
    """From now on this process makes files that only its own account can read."""
    os.umask(0o077)
