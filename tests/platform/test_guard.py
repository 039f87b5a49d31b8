"""Sessions, hosts and origins."""

import pytest
from starlette.datastructures import Headers

from animestudy.platform.guard import Guard, Sessions, cookie, foreign, trusted


@pytest.fixture
def sessions(tmp_path):
    return Sessions(tmp_path)


def test_tokens_are_long_and_never_twice(sessions):
    tokens = {sessions.new() for _ in range(100)}
    assert len(tokens) == 100 and all(len(token) >= 43 for token in tokens)
    assert len({sessions.user(token) for token in tokens}) == 100


def test_only_tokens_of_this_server_are_good(sessions, tmp_path):
    token = sessions.new()
    assert Sessions(tmp_path).user(token) == sessions.user(token)  # also after a start
    (tmp_path / "other").mkdir()
    for wrong in ("", ".", "a.b", token[:-1], token + "0", token.replace(".", ""), "é." + token, "x" + token):
        assert sessions.user(wrong) is None
    assert Sessions(tmp_path / "other").user(token) is None
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


def test_the_name_of_a_user_does_not_tell_the_token(sessions):
    token = sessions.new()
    assert not any(part in sessions.user(token) for part in token.split("."))


def test_cookies_are_read_from_among_others():
    assert cookie(Headers({"cookie": "a=b; animestudy=x.y; c=d"})) == "x.y"
    assert cookie(Headers({"cookie": "=;;; \x01"})) == "" and cookie(Headers({})) == ""


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites():
    words = Guard.said("t", secure=False).split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(words) and "Secure" not in words
    assert "Secure" in Guard.said("t", secure=True).split("; ")


@pytest.mark.parametrize(
    ("host", "names", "good"),
    [
        ("127.0.0.1:8000", ["127.0.0.1"], True),
        ("[::1]:8000", ["::1"], True),
        ("evil.example", ["127.0.0.1"], False),
        ("evil.example:8000", ["127.0.0.1", "*"], False),  # a name that points here is still a stranger's
        ("192.168.1.7:8000", ["127.0.0.1", "*"], True),
        ("anime.example", ["127.0.0.1", "anime.example"], True),
        ("", ["127.0.0.1"], False),
        ("[", ["127.0.0.1"], False),
    ],
)
def test_hosts(host, names, good):
    assert trusted(host, names) is good


@pytest.mark.parametrize(
    ("headers", "bad"),
    [
        ({}, False),  # no browser
        ({"origin": "http://h:1"}, False),
        ({"origin": "http://h:1", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "http://h:2"}, True),
        ({"origin": "https://h:1"}, True),
        ({"origin": "null"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "none"}, True),
    ],
)
def test_origins(headers, bad):
    assert foreign({"scheme": "http"}, Headers({"host": "h:1"} | headers)) is bad
