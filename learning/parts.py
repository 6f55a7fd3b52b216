"""Files that are sent whole or in part, as players ask for them (RFC 9110, section 14)."""

import re

from django.core.files import File
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

# What is sent at a time of a part: a slow phone is not to hold a thread for a whole film. A server may send less than
# was asked for (15.3.7), and players then ask for what follows.
MOST = 2 * 1024 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


def send_file(request, file: File, *, content_type: str) -> HttpResponseBase:
    """The file, or the one part of it that is asked for. Its name must be of this content for ever: it is the ETag."""
    etag = f'"{file.name}"'
    response = get_conditional_response(request, etag=etag) or _sent(request, file, etag, content_type)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if response.status_code < 400:
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _sent(request, file: File, etag: str, content_type: str) -> HttpResponseBase:
    size = file.size
    asked = _asked(request, size, etag)
    if asked is not None and not asked:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part = range(size) if asked is None else asked
    response = _PartResponse(_Part(file, part if request.method == "GET" else range(0)), content_type=content_type)
    response.headers["Content-Length"] = len(part)
    if asked is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return response


def _asked(request, size: int, etag: str) -> range | None:
    """The bytes that are asked for, none where there are none of them; None: the whole.

    What cannot be read, and several ranges at once, are answered with the whole, as section 14.2 lets a server do.
    """
    found = RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or not found or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = (int(number) if number else None for number in found.groups())
    if first is None and last is not None:
        first, last = max(size - last, 0), size
    elif first is None or (last is not None and last < first):
        return None
    stop = size if last is None else min(last + 1, size)
    return range(first, min(stop, first + MOST))


class _Part:
    """Some bytes of a file, read piece by piece."""

    def __init__(self, file: File, part: range):
        self.file, self.left = file.open("rb"), len(part)
        self.file.seek(part.start)

    def read(self, size: int) -> bytes:
        piece = self.file.read(min(size, self.left))
        self.left -= len(piece)
        return piece

    def close(self) -> None:
        self.file.close()


class _PartResponse(FileResponse):
    block_size = 64 * 1024
