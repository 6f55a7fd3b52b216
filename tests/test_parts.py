"""Any part of any file is exactly its bytes, whoever asks for it and however."""

import io

import pytest
from django.core.files.base import File
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from learning import parts


class Kept(File):
    """A file that tells whether it is open."""

    def __init__(self, content: bytes):
        super().__init__(io.BytesIO(content), "inspelningar/x.mp3")
        self.is_open = False

    def open(self, mode=None):
        self.is_open = True
        return self

    def close(self):
        self.is_open = False


def ask(content: bytes, method: str = "get", **headers):
    file = Kept(content)
    request = getattr(RequestFactory(), method)("/", headers=headers)
    response = parts.send_file(request, file, content_type="audio/mpeg")
    body = b"".join(response) if response.streaming else response.content
    # As the test client does: there is no database here.
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)
    assert file.is_open is False
    return response, body


contents = st.binary(min_size=1, max_size=300)
places = st.integers(0, 400)


@given(contents, places, st.none() | places)
def test_a_part_is_the_bytes_from_the_first_through_the_last(content, first, last):
    response, body = ask(content, range=f"bytes={first}-{'' if last is None else last}")
    if last is not None and last < first:
        assert (response.status_code, body) == (200, content)
    elif first >= len(content):
        assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(content)}")
    else:
        there = content[first:] if last is None else content[first : last + 1]
        assert (response.status_code, body) == (206, there)
        assert response["Content-Range"] == f"bytes {first}-{first + len(there) - 1}/{len(content)}"
        assert response["Content-Length"] == str(len(there))


@given(contents, places)
def test_a_part_from_the_end_is_the_last_bytes(content, number):
    response, body = ask(content, range=f"bytes=-{number}")
    assert response.status_code == (206 if number else 416)
    assert body == (content[-number:] if number else b"")


@given(contents, st.integers(1, 50))
def test_a_player_that_goes_on_asking_gets_the_whole_however_little_is_sent_at_a_time(content, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "MOST", most)
        got = b""
        while len(got) < len(content):
            response, body = ask(content, range=f"bytes={len(got)}-")
            assert response["Content-Range"].startswith(f"bytes {len(got)}-")
            assert 0 < len(body) <= most
            got += body
    assert got == content


@given(contents, st.text(max_size=30).filter(lambda text: not parts.RANGE.fullmatch(text)))
def test_what_is_no_range_is_answered_with_the_whole(content, header):
    request = RequestFactory().get("/", HTTP_RANGE=header)
    response = parts.send_file(request, Kept(content), content_type="audio/mpeg")
    assert (response.status_code, b"".join(response)) == (200, content)


@pytest.mark.parametrize("header", ["bytes=0-1,3-4", "bytes=-", "items=0-1", f"bytes={'9' * 5000}-"])
def test_what_is_not_understood_is_answered_with_the_whole(header):
    response, body = ask(b"abcde", range=header)
    assert (response.status_code, body) == (200, b"abcde")


@pytest.mark.parametrize(
    ("validator", "status"),
    [
        ('"inspelningar/x.mp3"', 206),
        ('W/"inspelningar/x.mp3"', 200),
        ('"y"', 200),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 200),
    ],
)
def test_a_part_is_sent_only_of_the_file_that_the_player_has_begun(validator, status):
    response, _body = ask(b"abcde", range="bytes=1-2", **{"if-range": validator})
    assert response.status_code == status


def test_what_the_player_has_is_not_sent_again():
    response, body = ask(b"abcde", **{"if-none-match": '"inspelningar/x.mp3"', "range": "bytes=0-1"})
    assert (response.status_code, body) == (304, b"")


def test_who_asks_for_the_head_is_told_of_the_whole():
    response, body = ask(b"abcde", "head", range="bytes=0-1")
    assert (response.status_code, body, response["Content-Length"]) == (200, b"", "5")


def test_a_big_file_is_read_piece_by_piece():
    file = Kept(bytes(1_000_000))
    response = parts.send_file(RequestFactory().get("/"), file, content_type="audio/mpeg")
    assert max(map(len, response)) == 64 * 1024
