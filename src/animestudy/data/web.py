"""One picture from the web to a file, with manners: paced, limited, every address judged first."""

import http.client
import ipaddress
import socket
import string
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from animestudy.data.decode import line

REDIRECTS = 5
WAIT = 30.0  # seconds for an answer, and between two packets
LONGEST = 300.0  # seconds for one picture
PATIENCE = 120.0  # seconds that a server may ask us to wait
GIVE_UP = 8  # strikes in a row that end a run: nobody answers, or only to say "later"
PASSING = (408, 425, 429, 500, 502, 503, 504)  # statuses that may pass
CHUNK = 1 << 16
HEADERS = [("User-Agent", "animestudy (research; one picture at a time)"), ("Accept", "image/*")]


class Failed(Exception):
    """This picture cannot be had. `passing`: perhaps at another try, after `wait` seconds.

    `strikes`: how many of `GIVE_UP` it counts.
    """

    def __init__(self, words: str, passing: bool = False, wait: float = 0.0, strikes: int = 0) -> None:
        super().__init__(words)
        self.passing, self.wait, self.strikes = passing, wait, strikes


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:  # each step is judged by `Visitor.opened`
        return None


class Visitor:
    """Asks at most `rate` times a second, takes at most `megabytes` a picture; `private`: also at home."""

    def __init__(
        self,
        rate: float,
        megabytes: float,
        private: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.gap, self.megabytes, self.private = 1 / rate, megabytes, private
        self.clock, self.sleep = clock, sleep
        self.free = clock()  # when the next request may go out
        self.opener = urllib.request.build_opener(_NoRedirect)  # proxies: as the environment says
        self.opener.addheaders = HEADERS

    def turn(self, wait: float = 0.0) -> None:
        """Wait for our turn, and `wait` seconds more."""
        if (pause := max(self.free - self.clock(), 0.0) + wait) > 0:
            self.sleep(pause)
        self.free = self.clock() + self.gap

    def receive(self, url: str, path: Path, wait: float = 0.0) -> None:
        """Write what an address gives to `path`, after `wait` seconds; `Failed` if it gives no picture."""
        with self.opened(url, wait) as answer, path.open("wb") as file:
            kind = answer.headers.get_content_type()
            if not kind.startswith("image/") and not kind.endswith("/octet-stream"):
                raise Failed(f"not a picture but {kind}")
            length = answer.headers.get("Content-Length", "")
            length = int(length) if length.isdigit() else 0
            start, size, most = self.clock(), 0, self.megabytes * 2**20
            while length <= most and (some := part(answer)):
                size += len(some)
                if size > most:
                    break
                if self.clock() - start > LONGEST:
                    raise Failed(f"not complete after {LONGEST:.0f} s", passing=True)
                file.write(some)
        if max(size, length) > most:
            raise Failed(f"more than {self.megabytes:g} MiB")
        if size < length:
            raise Failed(f"broken off after {size} of {length} bytes", passing=True)

    def opened(self, url: str, wait: float = 0.0) -> http.client.HTTPResponse:
        """The answer at an address, redirects followed one by one, each of them judged."""
        for _ in range(REDIRECTS + 1):
            url = judged(url, self.private)
            self.turn(wait)
            wait = 0.0
            try:
                return self.opener.open(url, timeout=WAIT)
            except urllib.error.HTTPError as error:
                with error:
                    url = urljoin(url, onward(error))
            except (http.client.InvalidURL, ValueError) as error:
                raise Failed(f"not an address: {line(error)}") from None
            except (http.client.HTTPException, OSError) as error:  # URLError among them
                reason = line(getattr(error, "reason", None) or error)
                raise Failed(f"no answer: {reason}", passing=True, strikes=1) from None
        raise Failed(f"more than {REDIRECTS} redirects")


def part(answer: http.client.HTTPResponse) -> bytes:
    """The next bytes of an answer, empty at its end."""
    try:
        return answer.read1(CHUNK)
    except (http.client.HTTPException, OSError) as error:
        raise Failed(f"broken off: {line(error) or type(error).__name__}", passing=True) from None


def onward(error: urllib.error.HTTPError) -> str:
    """Where a redirect leads; `Failed` for every other status."""
    words, place = f"{error.code} {error.reason}", error.headers.get("Location")
    if error.code in (301, 302, 303, 307, 308) and place:
        return quote(place, safe=string.punctuation, encoding="latin-1")
    asked = error.headers.get("Retry-After", "").strip()
    wait = float(asked) if asked.isdigit() else 0.0
    if wait > PATIENCE:
        raise Failed(f"{words}: the server asks for a pause of {asked} s", strikes=GIVE_UP)
    later = error.code in PASSING
    raise Failed(words, later, wait, strikes=int(later))


def judged(url: str, private: bool) -> str:
    """The address as it goes over the wire. Refused: not http or https, or a host of our own network."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (ValueError, UnicodeError):
        raise Failed("not an address") from None
    if parts.scheme not in ("http", "https"):
        raise Failed(f"{parts.scheme or 'no scheme'}: only http and https are fetched")
    if not host or parts.username is not None:
        raise Failed("not the address of a public picture")
    if not private:
        public(host, port or (443 if parts.scheme == "https" else 80), parts.scheme)
    place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return quote(parts._replace(netloc=place, fragment="").geturl(), safe=string.punctuation)


def public(host: str, port: int, scheme: str) -> None:
    """Refuse a host of this machine's own network."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        if scheme in urllib.request.getproxies():
            return  # the proxy will know it
        raise Failed(f"no answer: {host} is not known", passing=True, strikes=1) from None
    for *_, (place, *_) in found:
        address = ipaddress.ip_address(place.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if not address.is_global or address.is_multicast:
            raise Failed(f"{host} is {address}, of a private network (--private allows it)")
