"""What a browser, a program and a stranger get from the server."""

import io
import json
import re
import socket
import threading

import httpx
import numpy as np
import pytest
from PIL import Image
from served import Negative, User, encoded, film, moving, parts, pixels, server, until

from animestudy.platform import limits

SMALL = limits.Limits(
    picture_bytes=200_000, clip_bytes=400_000, pixels=250_000, seconds=5, open_jobs=3, per_minute=1000,
    stored_bytes=2_000_000, frame_pixels=100_000,
)  # fmt: skip


@pytest.fixture(scope="module")
def worker():
    return Negative()


@pytest.fixture(scope="module")
def held(tmp_path_factory, worker):
    return parts(tmp_path_factory.mktemp("data"), [worker], SMALL)


@pytest.fixture(scope="module")
def address(held):
    with server(held) as address:
        yield address


@pytest.fixture
def user(address):
    with User(address) as one:
        yield one


@pytest.fixture
def gate(worker):
    """Closed: jobs do not end until it is opened."""
    worker.gate.clear()
    yield worker.gate
    worker.gate.set()


def folders(held):
    return {path.name for path in (held.store.folder / "jobs").iterdir()}


def test_a_picture_becomes_its_drawing(user):
    image = pixels()
    answer = user.send_file(encoded(image), "füß/../my cat.png")
    assert answer.status_code == 202 and answer.headers["location"] == f"/api/jobs/{answer.json()['id']}"
    job = user.ended(answer.json()["id"])
    facts = ("name", "kind", "model", "state", "progress", "seconds_left", "error", "width", "height")
    assert [job[fact] for fact in facts] == ["my cat.png", "picture", "scene", "done", 1, None, None, 56, 40]
    assert job["created"] < job["expires"] and job["result"]["type"] == "image/png"
    got = user.get(job["result"]["url"])
    assert got.headers["content-type"] == "image/png" and "content-disposition" not in got.headers
    assert len(got.content) == job["result"]["bytes"]
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(got.content))), 255 - image)
    saved = user.get(job["result"]["url"], params={"download": 1})
    assert "attachment; filename*=utf-8''my%20cat-scene.png" in saved.headers["content-disposition"]


@pytest.mark.parametrize(
    ("content", "name", "type"),
    [(film(), "c.mp4", "video/mp4"), (film(form="webm"), "c", "video/mp4"), (moving(), "c.png", "image/gif")],
)
def test_a_clip_stays_a_clip(user, content, name, type):
    job = user.ended(user.submit(content, name, "portrait"))
    assert (job["state"], job["kind"], job["result"]["type"]) == ("done", "clip", type), job
    assert user.get(job["result"]["url"], headers={"range": "bytes=0-9"}).status_code == 206  # players seek


def test_news_come_until_the_end(user, gate):
    id = user.submit(encoded(pixels()))
    heard = []
    with user.stream("GET", f"/api/jobs/{id}/events") as news:
        assert news.headers["content-type"].startswith("text/event-stream")
        for line in news.iter_lines():
            if line.startswith("data: "):
                heard.append(json.loads(line[6:]))
                gate.set()
            else:
                assert line in ("", "event: job")
    assert heard[0]["state"] in ("queued", "running") and heard[-1]["state"] == "done"
    assert heard[-1] == user.job(id)
    again = user.get(f"/api/jobs/{id}/events").text
    assert again.count("event: job") == 1


def test_jobs_are_listed_newest_first(user):
    ids = [user.submit(encoded(pixels(seed=k)), f"{k}.png") for k in range(3)]
    assert [job["id"] for job in user.get("/api/jobs").json()["jobs"]] == ids[::-1]


def test_a_job_that_ended_can_be_removed_with_everything(user, held):
    id = user.submit(encoded(pixels()))
    user.ended(id)
    assert [file.name for file in held.store.place(id).iterdir()] == ["result"]
    assert user.delete(f"/api/jobs/{id}").status_code == 204
    assert user.get(f"/api/jobs/{id}").status_code == 404 and id not in folders(held)


def test_an_open_job_can_be_cancelled(user, held, gate):
    ids = [user.submit(encoded(pixels())) for _ in range(2)]
    for id in ids:
        assert user.delete(f"/api/jobs/{id}").status_code == 200
        assert user.ended(id)["state"] == "cancelled"
        assert user.get(f"/api/jobs/{id}/result").status_code == 404
        until(lambda id=id: not list(held.store.place(id).iterdir()))


def test_another_users_job_is_not_there_by_any_route(user, address, held):
    id = user.submit(encoded(pixels()))
    user.ended(id)
    with User(address) as other:
        for path in (f"/api/jobs/{id}", f"/api/jobs/{id}/events", f"/api/jobs/{id}/result"):
            answer = other.get(path)
            assert (answer.status_code, answer.json()) == (404, {"error": "There is no such job."})
        assert other.delete(f"/api/jobs/{id}").status_code == 404
        assert other.get("/api/jobs").json() == {"jobs": []}
    assert user.get(f"/api/jobs/{id}/result").status_code == 200


def test_many_users_at_once_get_their_own_bytes(address):
    def visit(seed, wrong):
        with User(address) as one:
            for k in range(4):
                image = pixels(24, 24, 100 * seed + k)
                job = one.ended(one.submit(encoded(image)))
                got = one.get(job["result"]["url"]).content
                if not np.array_equal(np.asarray(Image.open(io.BytesIO(got))), 255 - image):
                    wrong.append((seed, k))

    wrong = []
    threads = [threading.Thread(target=visit, args=[seed, wrong]) for seed in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_changes_need_a_session_and_the_same_site(address, user):
    with httpx.Client(base_url=address) as bare:
        answer = bare.post("/api/jobs", files={"file": ("a.png", encoded(pixels()))}, data={"model": "scene"})
        assert answer.status_code == 403 and not answer.cookies
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        answer = user.send_file(encoded(pixels()), headers=headers)
        assert answer.status_code == 403 and "other sites" in answer.json()["error"]
    assert user.get("/api/jobs").json() == {"jobs": []}


def test_a_forged_cookie_is_nobodys(address, user):
    id = user.submit(encoded(pixels()))
    token = user.cookies["animestudy"]
    for wrong in (token[:-1] + ("0" if token[-1] != "0" else "1"), "a" * 64, "' or 1=1 --"):
        answer = httpx.get(f"{address}/api/jobs/{id}", headers={"cookie": f"animestudy={wrong}"})
        assert answer.status_code == 404 and "animestudy=" in answer.headers["set-cookie"]


def test_an_unknown_host_is_refused(address):
    assert httpx.get(f"{address}/api/limits", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "path", ["/", "/api/limits", "/api/docs", "/page/reference.css", "/nothing", "/api/jobs/x"]
)
def test_every_answer_has_the_headers_of_a_closed_house(address, path):
    headers = httpx.get(address + path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy and "http" not in policy and "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers and "access-control-allow-origin" not in headers
    assert headers["cache-control"] == ("no-cache" if path.startswith("/page/") else "no-store")


@pytest.mark.parametrize(
    ("content", "name", "status", "words"),
    [
        (b"", "a.png", 400, "empty"),
        (b"hello", "a.png", 415, "not known"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "a.mp4", 415, "not known"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "a.mp4", 415, "not known"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", 415, "not known"),
        (b"II*\0" + bytes(300), "a.jpg", 415, "not known"),
        (b"\0\0\0\x18ftypheic" + bytes(300), "a.jpg", 415, "HEIC"),
        (b"\xff\xd8\xff" + bytes(200_000), "a.jpg", 413, "a picture may have 0.2 MB"),
        (b"\0\0\0\x18ftypisom" + bytes(400_000), "a.mp4", 413, "a clip may have 0.4 MB"),
        (b"\0\0\0\x18ftypisom" + bytes(9_000_000), "a.mp4", 413, "at most 0.4 MB"),
    ],
)
def test_what_is_no_picture_and_no_clip_is_refused_at_once(user, held, content, name, status, words):
    before = folders(held)
    answer = user.send_file(content, name)
    assert answer.status_code == status and words in answer.json()["error"], answer.text
    assert folders(held) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (encoded(np.zeros((501, 500, 3), np.uint8)), "500×501 pixels; at most 250,000"),
        (encoded(pixels())[:800], "damaged"),
        (film(count=200), "longer than 5 seconds"),
        (film(height=320, width=320), "320×320 pixels; at most 100,000"),
        (film()[:700], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "damaged"),
        (b"\x1aE\xdf\xa3" + bytes(500), "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(500), "damaged"),
    ],
)
def test_what_cannot_be_converted_fails_with_clear_words(user, content, words):
    job = user.ended(user.submit(content))
    assert job["state"] == "failed" and words in job["error"], job
    assert not re.search(r"/|\.py|source|Pillow|FFmpeg|av\.|Errno|--", job["error"].replace("JPEG / ", ""))


def body(*fields, boundary="b"):
    lines = [f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + value + b"\r\n"
             for head, value in fields]  # fmt: skip
    return b"".join(lines) + f"--{boundary}--\r\n".encode()


FILE = ('name="file"; filename="a.png"', encoded(pixels()))
MODEL = ('name="model"', b"scene")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (body(FILE), 400),
        (body(MODEL), 400),
        (body(FILE, ('name="model"', b"nonsense")), 400),
        (body(FILE, ('name="model"', b"x" * 100)), 400),
        (body(FILE, FILE, MODEL), 400),
        (body(('name="file"', b"x"), MODEL), 400),
        (body(FILE, MODEL, *[('name="x"', b"")] * 9), 400),
        (body(FILE, MODEL)[:-40], 400),
        (b"", 400),
        (b"nonsense" * 100, 400),
        (body(('name="model"', b"scene"), FILE), 202),
    ],
)
def test_forms(user, held, content, status):
    before = folders(held)
    answer = user.post(
        "/api/jobs", content=content, headers={"content-type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == status, answer.text
    assert status == 202 or (set(answer.json()) == {"error"} and folders(held) == before)


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data", "text/plain; boundary=b"])
def test_other_bodies(user, kind):
    answer = user.post("/api/jobs", content=body(FILE, MODEL), headers={"content-type": kind})
    assert answer.status_code == 415


def test_a_user_has_so_many_open_jobs(user, address, gate):
    for _ in range(SMALL.open_jobs):
        user.submit(encoded(pixels()))
    answer = user.send_file(encoded(pixels()))
    assert answer.status_code == 429 and "At most 3 jobs" in answer.json()["error"]
    assert int(answer.headers["retry-after"]) > 0
    with User(address) as other:
        other.submit(encoded(pixels()))


def begun(address, user):
    """An upload whose end does not come: the socket on which it was begun."""
    host, port = address.removeprefix("http://").split(":")
    line = socket.create_connection((host, int(port)), timeout=10)
    head = f"POST /api/jobs HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 5000\r\nConnection: close\r\n"
    head += (
        f"Cookie: animestudy={user.cookies['animestudy']}\r\nContent-Type: multipart/form-data; boundary=b"
    )
    line.sendall(f"{head}\r\n\r\n".encode() + body(FILE)[:100])
    return line


def test_uploads_count_as_open_jobs_and_leave_nothing_when_they_break_off(user, address, held):
    before = folders(held)
    lines = [begun(address, user) for _ in range(SMALL.open_jobs)]
    until(lambda: sum(held.uploads.values()) == SMALL.open_jobs)
    assert user.send_file(encoded(pixels())).status_code == 429
    for line in lines:
        line.close()
    until(lambda: not held.uploads and folders(held) == before)
    user.submit(encoded(pixels()))


def test_an_upload_that_stops_is_given_up(user, address, held, monkeypatch):
    monkeypatch.setattr("animestudy.platform.intake.SLOW", 0.2)
    before = folders(held)
    with begun(address, user) as line:
        answer = b"".join(iter(lambda: line.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408") and b"The upload stopped." in answer
    until(lambda: folders(held) == before)


def test_a_user_has_so_much_of_the_disk(user):
    content = encoded(pixels(240, 200))
    for _ in range(20):
        answer = user.send_file(content)
        if answer.status_code != 202:
            break
        user.ended(answer.json()["id"])
    assert answer.status_code == 429 and "share of the disk" in answer.json()["error"]


def test_a_user_submits_so_often(tmp_path):
    with server(parts(tmp_path, [Negative()], limits.Limits(per_minute=2))) as address, User(address) as user:
        codes = [user.send_file(b"nonsense").status_code for _ in range(3)]
        assert codes == [415, 415, 429]


def test_results_expire_with_their_jobs(tmp_path, monkeypatch):
    monkeypatch.setattr("animestudy.platform.app.SWEEP", 0.1)
    held = parts(tmp_path, [Negative()], limits.Limits(expires_after_s=1))
    with server(held) as address, User(address) as user:
        id = user.submit(encoded(pixels()))
        until(lambda: user.get(f"/api/jobs/{id}").status_code == 404)
        until(lambda: not folders(held))


def test_a_result_that_points_elsewhere_is_not_followed(user, held, tmp_path):
    id = user.submit(encoded(pixels()))
    user.ended(id)
    (tmp_path / "secret").write_text("secret")
    (held.store.place(id) / "result").unlink()
    (held.store.place(id) / "result").symlink_to(tmp_path / "secret")
    assert user.get(f"/api/jobs/{id}/result").status_code == 404


def test_limits_health_and_metrics(user):
    told = user.get("/api/limits").json()
    for name in (
        "picture_bytes",
        "clip_bytes",
        "pixels",
        "seconds",
        "open_jobs",
        "per_minute",
        "expires_after_s",
    ):
        assert told[name] == getattr(SMALL, name)
    assert "image/png" in told["types"] and told["models"] == ["scene", "portrait"]
    user.ended(user.submit(encoded(pixels())))
    health = user.get("/api/health").json()
    assert health["state"] == "ok" and health["ready"] == health["workers"] == 1
    text = user.get("/api/metrics").text
    done = re.search(r'animestudy_jobs_ended_total\{kind="picture",model="scene",state="done"\} (\S+)', text)
    assert float(done[1]) >= 1 and "animestudy_workers_ready 1.0" in text


def test_the_interface_describes_itself_without_another_host(user):
    schema = user.get("/api/openapi.json").json()
    assert {"/api/jobs", "/api/jobs/{id}", "/api/jobs/{id}/events", "/api/jobs/{id}/result"} <= set(
        schema["paths"]
    )
    page = user.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "POST /api/jobs" in page.text and "<script" not in page.text and "style=" not in page.text
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.text)
    assert user.get("/page/reference.css").status_code == 200


@pytest.mark.parametrize(
    "path", ["/nothing", "/page/../app.py", "/page/%2e%2e/app.py", "/page/nothing", "/api/jobs/"]
)
def test_what_is_not_there_is_one_sentence(user, path):
    answer = user.get(path)
    assert answer.status_code == 404 and list(answer.json()) == ["error"]


def test_a_mistake_of_the_server_tells_nothing(user, held, monkeypatch, capfd):
    def broken(*_):
        raise RuntimeError("/secret/path sqlite")

    monkeypatch.setattr(held.store, "of", broken)
    answer = user.get("/api/jobs")
    assert answer.status_code == 500 and "secret" not in answer.text and list(answer.json()) == ["error"]
