"""Downloads, against a server of the test's own on 127.0.0.1: checked, paced, resumed, and never outside."""

import contextlib
import csv
import hashlib
import http.server
import io
import threading

import numpy as np
import pytest
from PIL import Image

from animestudy import cli
from animestudy.data import addresses, collection, fetch, ratings, web
from animestudy.errors import StudyError

PICTURES = {
    f"/{k}.{form}": (form, np.random.default_rng(k).integers(0, 256, (40, 48, 3), np.uint8))
    for k, form in enumerate(("jpeg", "png", "webp", "jpeg"))
}


def encoded(path):
    form, pixels = PICTURES[path]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """Pictures at their names; words in a path ask for mischief."""

    def do_GET(self):
        server, path = self.server, self.path
        server.asked.append(path)
        moved = {"/away": "file:///etc/passwd", "/loop": "/loop", "/moved": "/0.jpeg"}
        if path in moved:
            return self.answer(302, b"", {"Location": moved[path]})
        if path == "/busy" and server.asked.count(path) < 3:
            return self.answer(503, b"", {"Retry-After": "7"})
        if path in ("/busy", "/a%20name.jpeg"):
            path = "/0.jpeg"
        if path == "/closed":
            return self.answer(429, b"", {"Retry-After": "86400"})
        if path == "/page":
            return self.answer(200, b"<html>no</html>", {"Content-Type": "text/html"})
        if path == "/cut":
            return self.answer(200, encoded("/1.png")[:900], {"Content-Type": "image/png"})
        if path == "/short":
            return self.answer(200, encoded("/1.png")[:900], {"Content-Length": "4000"})
        if path == "/large":
            return self.answer(200, b"\0" * 3_000_000, {"Content-Type": "image/png"})
        if path == "/endless":
            return self.answer(200, b"\0" * 3_000_000, {"Content-Length": None})
        if path in PICTURES:
            return self.answer(200, encoded(path), {"Content-Type": f"image/{PICTURES[path][0]}"})
        return self.answer(404, b"", {})

    def answer(self, status, body, headers):
        headers = {"Content-Type": "image/jpeg", "Content-Length": str(len(body)), **headers}
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the other side has seen enough
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.asked, made.daemon_threads = [], True
        made.at = f"http://127.0.0.1:{made.server_address[1]}"
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """Nobody waits in a test; what would have been slept is collected."""
    slept = []
    monkeypatch.setattr(web.Visitor.__init__, "__defaults__", (False, web.time.monotonic, slept.append))
    return slept


def table(tmp_path, server, rows, heading="file_name,url"):
    file = tmp_path / "table.csv"
    lines = [",".join((name, server.at + url, *more)) for name, url, *more in rows]
    file.write_text("\n".join([heading, *lines]) + "\n")
    return file


def fetched(file, tmp_path, *words, private=True):
    words = ["fetch", str(file), "--out", str(tmp_path / "out"), *words]
    return cli.main([*words, "--private"] if private else words)


def notes(tmp_path):
    with (tmp_path / "out" / fetch.LEDGER).open(newline="") as stream:
        return {row["file_name"]: row for row in csv.DictReader(stream)}


def test_pictures_get_their_suffix_and_their_bytes(server, tmp_path, capsys):
    file = table(tmp_path, server, [("a", "/0.jpeg"), ("deep/b", "/1.png"), ("c.jpg", "/moved")])
    assert fetched(file, tmp_path) == 0
    out = tmp_path / "out"
    assert (out / "a.jpg").read_bytes() == (out / "c.jpg").read_bytes() == encoded("/0.jpeg")
    assert (out / "deep/b.png").read_bytes() == encoded("/1.png")
    told = capsys.readouterr().out
    assert "3 pictures from 127.0.0.1 (3), named by table.csv" in told and "3 fetched" in told
    assert "terms: not known here; rights stay with their owners" in told
    assert notes(tmp_path)["a.jpg"]["sha256"] == hashlib.sha256(encoded("/0.jpeg")).hexdigest()
    assert not [path for path in out.rglob(".*")]


def test_the_same_command_goes_on(server, tmp_path, capsys):
    rows = [("a", "/0.jpeg"), ("b", "/1.png"), ("c", "/2.webp"), ("d", "/gone")]
    file = table(tmp_path, server, rows)
    assert fetched(file, tmp_path) == 1
    assert "d  404 Not Found" in capsys.readouterr().out
    (tmp_path / "out/a.jpg").write_bytes(encoded("/0.jpeg")[:500])  # damaged since
    (tmp_path / "out/b.png").unlink()
    server.asked.clear()
    assert fetched(file, tmp_path) == 1
    assert server.asked == ["/0.jpeg", "/1.png", "/gone"]
    assert (tmp_path / "out/a.jpg").read_bytes() == encoded("/0.jpeg")
    (tmp_path / "out" / fetch.LEDGER).unlink()  # a killed run leaves none: then pictures are decoded
    (tmp_path / "out/c.webp").write_bytes(encoded("/2.webp")[:-50])
    server.asked.clear()
    assert fetched(file, tmp_path) == 1 and server.asked == ["/2.webp", "/gone"]
    assert {row["status"] for row in notes(tmp_path).values()} == {"fetched", "there", "failed"}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/page", "not a picture but text/html"),
        ("/cut", "damaged"),
        ("/short", "broken off after"),
        ("/large", "more than 1 MiB"),
        ("/endless", "more than 1 MiB"),
        ("/away", "file: only http and https"),
        ("/loop", "more than 5 redirects"),
        ("/gone", "404"),
    ],
)
def test_what_is_no_picture_is_named_and_leaves_nothing(server, tmp_path, capsys, path, words):
    file = table(tmp_path, server, [("bad", path), ("good", "/1.png")])
    assert fetched(file, tmp_path, "--megabytes", "1") == 1
    told = capsys.readouterr().out
    assert words in told and "1 fetched, 0 were there, 1 failed" in told
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [fetch.LEDGER, "good.png"]
    assert words in notes(tmp_path)["bad"]["note"]


def test_checksums(server, tmp_path, capsys):
    right, wrong = hashlib.md5(encoded("/0.jpeg")).hexdigest(), "0" * 64
    rows = [("a", "/0.jpeg", right), ("b", "/1.png", wrong), ("c", "/2.webp", "")]
    file = table(tmp_path, server, rows, "ID,url,sum")
    assert fetched(file, tmp_path, "--checksum", "sum") == 1
    assert "b  its SHA256 is not the one in the table" in capsys.readouterr().out
    assert not (tmp_path / "out/b.png").exists() and (tmp_path / "out/c.webp").exists()


def test_a_busy_server_is_obeyed(server, tmp_path, pauses):
    assert fetched(table(tmp_path, server, [("a", "/busy")]), tmp_path) == 0
    assert sum(pause >= 7 for pause in pauses) == 2  # Retry-After, twice


def test_a_server_that_wants_rest_ends_the_run(server, tmp_path, capsys):
    rows = [("a", "/closed"), ("b", "/0.jpeg"), ("c", "/1.png")]
    assert fetched(table(tmp_path, server, rows), tmp_path) == 1
    assert server.asked == ["/closed"]
    assert "the same command goes on with the 2 that are left" in capsys.readouterr().out


def test_nobody_there_ends_the_run(tmp_path, capsys):
    file = tmp_path / "list.txt"
    file.write_text("".join(f"http://127.0.0.1:9/{k}.jpg\n" for k in range(20)))
    assert fetched(file, tmp_path) == 1
    assert len(notes(tmp_path)) == web.GIVE_UP and "12 that are left" in capsys.readouterr().out


def test_the_pace():
    now, slept = [0.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    visitor = web.Visitor(2.0, 1.0, clock=lambda: now[0], sleep=sleep)
    for _ in range(4):
        visitor.turn()
    now[0] += 10
    visitor.turn()
    assert slept == [0.5, 0.5, 0.5]


def test_private_addresses_are_refused_unless_asked(server, tmp_path, capsys):
    assert fetched(table(tmp_path, server, [("a", "/0.jpeg")]), tmp_path, private=False) == 1
    assert server.asked == [] and "of a private network (--private allows it)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "place", ["10.0.0.1", "169.254.169.254", "::1", "::ffff:192.168.1.1", "fd00::1", "224.0.0.1", "0.0.0.0"]
)
def test_names_that_lead_home_are_refused(place, monkeypatch):
    def resolved(*_, **__):
        return [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", (place, 80))]

    monkeypatch.setattr(web.socket, "getaddrinfo", resolved)
    with pytest.raises(web.Failed, match="private network"):
        web.judged("http://pictures.example/1.jpg", private=False)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/b", "//a.example/b", "http://", "http://me:word@a.example/"],
)
def test_other_addresses_are_refused(url):
    with pytest.raises(web.Failed):
        web.judged(url, private=True)


def test_an_address_is_written_as_it_has_to_be():
    found = web.judged("HTTP://Bücher.example:8080/a b/é.jpg!Large.jpg?x=%20y#part", private=True)
    assert found == "http://xn--bcher-kva.example:8080/a%20b/%C3%A9.jpg!Large.jpg?x=%20y"


def test_odd_addresses_work(server, tmp_path):
    assert fetched(table(tmp_path, server, [("a", "/a name.jpeg")]), tmp_path) == 0


def test_an_interrupted_run_leaves_no_half_picture(server, tmp_path, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    file = table(tmp_path, server, [("a", "/0.jpeg"), ("b", "/1.png")])
    monkeypatch.setattr(fetch, "decoded", interrupt)
    assert fetched(file, tmp_path) == 130
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [fetch.LEDGER]
    monkeypatch.undo()
    assert fetched(file, tmp_path, "--rate", "10") == 0


def test_a_plan_fetches_nothing(server, tmp_path, capsys):
    file = table(tmp_path, server, [("a", "/0.jpeg")] * 3 + [("b", "/1.png")])
    assert fetched(file, tmp_path, "--plan", "--as", "kaokore") == 0
    told = capsys.readouterr().out
    assert server.asked == [] and not (tmp_path / "out").exists()
    assert "terms: CC BY-SA 4.0" in told and "2 to fetch, at most 1 a second" in told


def read(tmp_path, text, **columns):
    file = tmp_path / "t.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [(one.name, one.url) for one in addresses.read(file, addresses.Columns(**columns))]


def test_tables_of_addresses(tmp_path):
    info = "ID\tStyle\tImage URL\tPainting Info URL\n5a\tModern\thttp://w/a.jpg\thttp://w/a\n5b\t\t\thttp://w/b\n"
    assert read(tmp_path, info) == [("5a", "http://w/a.jpg")]
    assert read(tmp_path, info.encode() + b"5c\tSi\xe8cle\thttp://w/c.jpg\t\n")[1] == ("5c", "http://w/c.jpg")
    assert read(tmp_path, "http://k/x\n\nhttps://k/y\n") == [
        ("00000000", "http://k/x"), ("00000002", "https://k/y")
    ]  # fmt: skip
    assert read(tmp_path, "url\nhttp://k/some/na%20me.png?x=1\n") == [
        ("na me.png", "http://k/some/na%20me.png?x=1")
    ]
    assert read(tmp_path, "who;where\na;http://k/x\n", url="where", name="who") == [("a", "http://k/x")]


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        ("name,place\na,http://k/x\n", {}, "no column is called url"),
        ("name,url\na,http://k/x\n", {"name": "who"}, "no column 'who'"),
        ("name,url\na,http://k/x\n", {"checksum": "md5"}, "no column 'md5'"),
        ("id,url\n../a,http://k/x\n", {}, "line 2: '../a' cannot be the name of a file"),
        ("id,url\n/etc/a,http://k/x\n", {}, "cannot be the name"),
        ("id,url\n.bashrc,http://k/x\n", {}, "cannot be the name"),
        ("id,url\na,http://k/x\nA,http://k/y\n", {}, "line 3: 'A' already stands for http://k/x"),
        ("id,url,md5\na,http://k/x,12\n", {}, "is no MD5"),
        ("id,url\n", {}, "no address in it"),
        (b"\x89PNG\0\0", {}, "not a table of text"),
    ],
)
def test_a_wrong_table_is_one_line(tmp_path, text, columns, words):
    with pytest.raises(StudyError) as caught:
        read(tmp_path, text, **columns)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("words", [("--rate", "0"), ("--rate", "50"), ("--limit", "0"), ("--megabytes", "0")])
def test_limits_that_make_no_sense_are_one_line(tmp_path, capsys, words):
    file = tmp_path / "t.csv"
    file.write_text("url\nhttp://k/x.jpg\n")
    assert fetched(file, tmp_path, *words) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_wikiart_emotions_from_the_table_to_a_collection(server, tmp_path, capsys):
    heading = ["ID", "Style", "Category", "Artist", "Title", "Year", "Image URL", "Painting Info URL"]
    works = [(f"5{k}", "Modern Art", "Cubism", f"P{k % 2}", "t", "1900") for k in range(4)]
    info = tmp_path / "WikiArt-info.tsv"
    lines = [(*work, f"{server.at}{path}", "") for work, path in zip(works, PICTURES, strict=True)]
    info.write_text("\n".join("\t".join(line) for line in [heading, *lines]) + "\n")
    columns = [f"{shown}: {emotion}" for shown in ratings.SHOWN for emotion in ratings.EMOTIONS]
    labels = tmp_path / "WikiArt-Emotions-All.tsv"
    shares = ["0.8" if column.endswith(": fear") else "0" for column in columns]
    lines = [[*heading[:6], "Is painting", *columns], *([*work, "yes", *shares] for work in works)]
    labels.write_text("\n".join("\t".join(line) for line in lines) + "\n")

    assert fetched(info, tmp_path, "--as", "wikiart-emotions") == 0
    told = capsys.readouterr().out
    assert "saifmohammad.com" in told and "labels for research only" in told
    assert f"next: animestudy import {tmp_path / 'out'} --as wikiart-emotions --labels FILE" in told
    words = [
        "--as",
        "wikiart-emotions",
        "--labels",
        str(labels),
        "--out",
        str(tmp_path / "made"),
        "--size",
        "32",
    ]
    assert cli.main(["import", str(tmp_path / "out"), *words]) == 0
    made = collection.load(tmp_path / "made").table
    assert len(made) == 4 and set(made["psychology"]) == {"fear"} and set(made["group"]) == {"P0", "P1"}
