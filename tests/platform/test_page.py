"""The page in a real browser, over a real server: what a visitor does, and what it says when it cannot."""

import base64
import contextlib
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import devtools
import pytest
import served
from PIL import Image, ImageDraw

from animestudy.platform import limits

pytestmark = pytest.mark.skipif(devtools.CHROMIUM is None, reason="no Chromium here: the page is not tried")

DONE = "document.querySelectorAll('.card[data-state=done]').length"
SLIDER = "document.querySelector('.card .slider')"
NOTICES = "[...document.querySelectorAll('#notices li p')].map((p) => p.textContent)"
FOCUS = "((e) => e.name || e.dataset.do || e.className || e.tagName)(document.activeElement)"
WORK = "[...document.querySelectorAll('.work p')].map((p) => p.textContent)"
KEPT = (  # originals in the browser
    "new Promise((done) => { indexedDB.open('animestudy').onsuccess = (event) => {"
    "event.target.result.transaction('originals').objectStore('originals').count().onsuccess ="
    " (event) => done(event.target.result); }; })"
)
SIZES = "[...document.querySelectorAll('.card .frame img')].map((i) => [i.naturalWidth, i.naturalHeight])"


@pytest.fixture
def address(tmp_path) -> Iterator[str]:
    """A server whose workers make negatives, in no time."""
    with served.server(served.parts(tmp_path / "data", [served.Negative()])) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[devtools.Browser]:
    """One browser for all tests."""
    with devtools.Browser(local=True) as found:
        yield found


@pytest.fixture
def visitor(chromium) -> Iterator[devtools.Browser]:
    """Somebody whom no server knows; at the end nothing may have gone wrong or gone elsewhere."""
    chromium.call("Network.clearBrowserCookies")
    chromium.resize(1280, 900)
    chromium.console.clear()
    chromium.requests.clear()
    yield chromium
    assert chromium.console == []
    assert all(url.startswith(("http://127.0.0.1:", "blob:", "about:")) for url in chromium.requests)


@pytest.fixture
def browser(visitor, address) -> Iterator[devtools.Browser]:
    """A visitor who has the page open."""
    visit(visitor, address)
    yield visitor
    visitor.open("about:blank")


def visit(browser: devtools.Browser, address: str) -> None:
    """Open the page and wait until it knows what it may take."""
    browser.open(address)
    browser.wait("document.querySelector('#limits').textContent")


@pytest.fixture(scope="module")
def picture(tmp_path_factory) -> Path:
    """A small picture, wider than high."""
    image = Image.new("RGB", (120, 80), "#88a0c0")
    ImageDraw.Draw(image).ellipse((30, 10, 90, 70), fill="#c05030", outline="#201000", width=3)
    file = tmp_path_factory.mktemp("pictures") / "a <b> & the sun.png"
    image.save(file)
    return file


def box(browser: devtools.Browser, expression: str) -> tuple[float, float, float, float]:
    """Left, top, width, height of an element, which is brought into view."""
    browser.evaluate(f"{expression}.scrollIntoView({{block: 'center'}})")
    return tuple(
        browser.evaluate(f"((b) => [b.left, b.top, b.width, b.height])({expression}.getBoundingClientRect())")
    )


def test_a_picture_is_drawn_and_compared(browser, picture):
    browser.choose("#files", picture)
    browser.wait(DONE)
    browser.wait("[...document.querySelectorAll('.card .frame img')].every((i) => i.naturalWidth)")
    assert browser.evaluate(SIZES) == [[120, 80], [120, 80]]
    assert browser.evaluate("document.querySelector('.card h3').textContent") == picture.name
    assert "is drawn" in browser.evaluate("document.querySelector('#said').textContent")

    left, top, width, height = box(browser, SLIDER)
    assert width / height == pytest.approx(1.5, rel=0.02)
    browser.mouse(
        (left + width / 2, top + 20), (left + width * 0.3, top + 20), (left + width * 0.25, top + 30)
    )
    assert browser.evaluate(f"{SLIDER}.value") == "25"
    clip = browser.evaluate("getComputedStyle(document.querySelector('.card .before')).clipPath")
    assert clip == "inset(0px 75% 0px 0px)"

    address = browser.evaluate("document.querySelector('[data-do=download]').href")
    found = browser.evaluate(
        f"fetch('{address}').then((a) => [a.status, ...['disposition', 'type']"
        ".map((part) => a.headers.get(`content-${part}`))])"
    )
    assert found[0] == 200 and found[1].startswith("attachment") and found[2].startswith("image/")


def test_by_finger_on_a_phone(browser, picture):
    browser.resize(360, 740, touch=True)
    browser.choose("#files", picture)
    browser.wait(DONE)
    left, top, width, _ = box(browser, SLIDER)
    browser.touch(
        (left + width / 2, top + 30), (left + width * 0.7, top + 30), (left + width * 0.8, top + 30)
    )
    assert browser.evaluate(f"{SLIDER}.value") == "80"
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_by_keyboard_alone(browser, picture):
    def tab_to(name: str) -> None:
        for _ in range(20):
            browser.press("Tab")
            if browser.evaluate(FOCUS) == name:
                return
        raise AssertionError(f"{name} cannot be reached")

    tab_to("model")
    browser.press("ArrowDown")
    assert browser.evaluate("new FormData(document.querySelector('#desk')).get('model')") == "portrait"
    browser.press("ArrowUp")
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.id") == "files"
    outline = "getComputedStyle(document.querySelector('label[for=files]')).outlineStyle"
    assert browser.evaluate(outline) == "solid"  # the focus is seen

    browser.choose("#files", picture)
    browser.wait(DONE)
    tab_to("slider")
    browser.press("ArrowRight")
    browser.press("ArrowRight")
    assert browser.evaluate(f"{SLIDER}.value") == "52"
    assert browser.evaluate(f"{SLIDER}.getAttribute('aria-valuetext')") == "52 % before, 48 % after"
    tab_to("enlarge")
    browser.press("Enter", "\r")
    assert browser.evaluate("document.querySelector('dialog').open")
    browser.press("Home")
    assert browser.evaluate("document.querySelector('dialog .slider').value") == "0"
    browser.press("Escape")
    browser.wait("!document.querySelector('dialog').open")
    assert browser.evaluate(FOCUS) == "enlarge"
    tab_to("remove")
    browser.press("Enter", "\r")
    assert browser.evaluate("document.querySelectorAll('.card').length") == 0
    assert browser.evaluate("document.activeElement.id") == "drawings"
    browser.wait("fetch('/api/jobs').then((a) => a.json()).then((found) => found.jobs.length === 0)")


def test_what_cannot_be_drawn_is_said(browser, tmp_path):
    (tmp_path / "notes.jpg").write_text("no picture")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
    Image.new("RGB", (8, 8)).save(tmp_path / "old.bmp")
    Image.new("1", (5000, 5000)).save(tmp_path / "vast.png")
    names = ("notes.jpg", "empty.png", "torn.jpg", "old.bmp", "vast.png")
    before = len(browser.requests)
    browser.choose("#files", *(tmp_path / name for name in names))
    browser.wait(f"{NOTICES}.length === 5")
    said = browser.evaluate(NOTICES)
    assert said[0].startswith("notes.jpg It is neither a picture nor a clip. Send JPEG,")
    assert said[1] == "empty.png It is empty."
    assert said[2].startswith("torn.jpg It is damaged")
    assert said[3].startswith("old.bmp BMP cannot be drawn.")
    assert said[4].startswith("vast.png It has 5000 × 5000 pixels")
    assert all(request.startswith("blob:") for request in browser.requests[before:])  # nothing was sent
    browser.evaluate("document.querySelector('#notices button').click()")
    assert len(browser.evaluate(NOTICES)) == 4


def test_the_server_has_the_last_word(browser, tmp_path):
    file = tmp_path / "strange.mp4"
    file.write_bytes(b"\0\0\0\x18ftypisom" + bytes(4000))  # nothing that a browser can judge
    browser.choose("#files", file)
    browser.wait("document.querySelector('#notices li, .card[data-state=failed]')")
    words = browser.evaluate("document.querySelector('#notices p, .card .trouble').textContent")
    assert "clip" in words
    browser.console.clear()  # a refusal's status is noted there


def test_a_clip_plays_in_step(browser, tmp_path):
    film = tmp_path / "walk.mp4"
    film.write_bytes(served.film(count=20, width=96))
    browser.choose("#files", film)
    browser.wait(DONE)
    videos = "[...document.querySelectorAll('.card video')]"
    browser.wait(f"{videos}.length === 2 && {videos}.every((v) => v.readyState >= 2)")
    assert browser.evaluate(f"{videos}.every((v) => v.muted && v.videoWidth === 96)")
    browser.evaluate("document.querySelector('.play').click()")
    browser.wait(f"{videos}.every((v) => v.currentTime > 0.1)")
    browser.evaluate("document.querySelector('.play').click()")
    browser.wait(f"{videos}.every((v) => v.paused && !v.seeking)")
    first, second = browser.evaluate(f"{videos}.map((v) => v.currentTime)")
    assert first == pytest.approx(second, abs=0.01)
    seek = "document.querySelector('.seek')"
    browser.evaluate(f"{seek}.value = 0.25; {seek}.dispatchEvent(new Event('input'))")
    browser.wait(f"{videos}.every((v) => Math.abs(v.currentTime - v.duration / 4) < 0.01)")
    assert browser.evaluate(SLIDER + " !== null")


def test_a_reload_keeps_the_gallery_and_the_originals(browser, address, picture):
    browser.choose("#files", picture)
    browser.wait(DONE)
    visit(browser, address)
    browser.wait(f"{DONE} && {SLIDER}")
    assert browser.evaluate("document.querySelector('.card h3').textContent") == picture.name
    assert browser.evaluate(KEPT) == 1
    browser.evaluate("document.querySelector('.card [data-do=remove]').click()")
    browser.wait(f"{KEPT}.then((count) => count === 0)")


def test_nobody_sees_anothers_drawings(browser, address, picture):
    browser.choose("#files", picture)
    browser.wait(DONE)
    result = browser.evaluate("document.querySelector('.card .frame img').src")
    with devtools.Browser(local=True) as other:
        visit(other, address)
        assert other.evaluate("fetch('/api/jobs').then((a) => a.json())") == {"jobs": []}
        assert other.evaluate("document.querySelectorAll('.card').length") == 0
        for path in (result, result.removesuffix("/result"), result.replace("/result", "/events")):
            assert other.evaluate(f"fetch('{path}').then((a) => a.status)") == 404
    assert browser.evaluate(f"fetch('{result}').then((a) => a.status)") == 200


def test_a_lost_connection_is_said_and_found_again(browser, picture):
    browser.cut()
    browser.choose("#files", picture)
    browser.wait("!document.querySelector('#line').hidden")
    assert "lost" in browser.evaluate("document.querySelector('#line').textContent")
    browser.cut(False)
    browser.wait(DONE)
    assert browser.evaluate("document.querySelector('#line').hidden")
    browser.console.clear()  # each try that failed is noted there


def given(event: str, carrier: str, picture: Path) -> str:
    """JavaScript that pastes or drops the bytes of a picture on the page, under the name image.png."""
    data = base64.b64encode(picture.read_bytes()).decode()
    return (
        f"(() => {{ const bytes = Uint8Array.from(atob('{data}'), (c) => c.charCodeAt(0));"
        "const data = new DataTransfer();"
        "data.items.add(new File([bytes], 'image.png', {type: 'image/png'}));"
        f"document.body.dispatchEvent(new {event}', {{bubbles: true, cancelable: true, {carrier}: data}}));"
        "})()"
    )


def test_a_picture_is_pasted_or_dropped(browser, picture):
    browser.evaluate(given("ClipboardEvent('paste", "clipboardData", picture))
    browser.evaluate(given("DragEvent('drop", "dataTransfer", picture))
    browser.wait(f"{DONE} === 2")
    names = browser.evaluate("[...document.querySelectorAll('.card h3')].map((h) => h.textContent)")
    assert names[0] == "image.png" and re.fullmatch(r"Pasted at \d\d\.\d\d\.\d\d\.png", names[1])


@pytest.fixture
def limited(visitor, tmp_path):
    """Opens the page of a server with other limits."""
    with contextlib.ExitStack() as stack:

        def open_page(worker: served.Negative, **changed: int) -> devtools.Browser:
            held = served.parts(tmp_path / "limited", [worker], limits.Limits(**changed))
            visit(visitor, stack.enter_context(served.server(held)))
            return visitor

        yield open_page
        visitor.open("about:blank")  # which ends its streams


def test_more_than_the_server_takes_waits_here(limited, picture):
    worker = served.Negative()
    worker.gate.clear()
    browser = limited(worker, open_jobs=1)
    browser.choose("#files", picture)
    browser.choose("#files", picture)
    browser.wait(f"{WORK}.includes('Waits until another one is done')")
    assert browser.evaluate("document.title").startswith("2 in work")
    browser.evaluate("document.querySelector('.card [data-do=remove]').click()")  # the one that waits
    worker.gate.set()
    browser.wait(f"{DONE} === 1")
    assert browser.evaluate("document.querySelectorAll('.card').length") == 1


def test_a_refusal_for_a_while_is_said_and_mended(limited, picture):
    browser = limited(served.Negative(), per_minute=12)
    while browser.evaluate("fetch('/api/jobs', {method: 'POST'}).then((a) => a.status)") != 429:
        pass  # each counts; the next one is free in five seconds
    browser.choose("#files", picture)
    browser.wait(f"{WORK}.some((words) => words.includes('It is sent again in'))")
    browser.wait(DONE)
    browser.console.clear()  # the statuses are noted there


def test_a_failure_is_said_and_tried_again(limited, picture):
    worker = served.Negative()
    worker.deaths = 2
    browser = limited(worker)
    browser.choose("#files", picture)
    browser.wait("document.querySelector('.card[data-state=failed]')")
    assert "broke off twice" in browser.evaluate("document.querySelector('.trouble').textContent")
    browser.evaluate("document.querySelector('[data-do=again]').click()")
    browser.wait(DONE)
    assert browser.evaluate("document.querySelectorAll('.card').length") == 1


def test_what_has_expired_is_said(limited, picture):
    browser = limited(served.Negative(), expires_after_s=2)
    browser.choose("#files", picture)
    browser.wait(DONE)
    time.sleep(2.1)
    browser.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # somebody comes back to it
    browser.wait("document.querySelector('.card[data-state=gone]')")
    assert "time is up" in browser.evaluate("document.querySelector('.trouble').textContent")
    assert browser.evaluate("document.querySelector('.slider')") is None


def test_the_page_is_served_under_its_policy(address):
    with urllib.request.urlopen(address) as answer:
        policy, text = answer.headers["content-security-policy"], answer.read().decode()
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not re.search(r"style=|<style|<script(?! type=\"module\" src=)|\son\w+=|https?://", text)
