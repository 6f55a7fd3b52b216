"""What recordings and captions are held to when they come in: known by what they hold, never by their names."""

import uuid
from collections.abc import Iterator

import webvtt
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from webvtt.errors import MalformedCaptionError, MalformedFileError

FOLDER = "inspelningar/"
MOST_CAPTIONS = 500_000
# What may stand in a file of captions besides captions.
NO_CAPTION = ("NOTE", "STYLE", "REGION")
# The families of MP4 that browsers play; HEIC, AVIF and QuickTime begin alike.
MP4_BRANDS = (b"iso", b"mp4", b"avc1", b"dash", b"MSNV", b"M4V", b"M4A", b"M4B")


class Format(models.TextChoices):
    """What is taken in: every browser of today plays it."""

    MP4 = "mp4", "MP4"
    WEBM = "webm", "WebM"
    MP3 = "mp3", "MP3"
    M4A = "m4a", "M4A"
    OGG = "ogg", "Ogg"


CONTENT_TYPES = {
    Format.MP4: "video/mp4",
    Format.WEBM: "video/webm",
    Format.MP3: "audio/mpeg",
    Format.M4A: "audio/mp4",
    Format.OGG: "audio/ogg",
}


def unguessable(ending: str) -> str:
    """A name that tells nothing, and that no other file has ever had."""
    return f"{uuid.uuid4()}.{ending}"


def check_recording(file, most: int) -> Format:
    """What the file is. Raises ValidationError for what is too big, or no recording that browsers play."""
    if file.size > most:
        raise ValidationError(
            _("The file is bigger than %(most)d MB. Save it in a lower resolution, or cut it.")
            % {"most": most // 1_000_000}
        )
    file.seek(0)
    found = _format(file.read(64), file.name or "")
    file.seek(0)
    if found is None:
        raise ValidationError(
            _("This is no recording that every browser can play. Save it as MP4 or WebM, or as MP3, M4A or Ogg.")
        )
    return found


def _format(head: bytes, name: str) -> Format | None:
    """What begins so. Of an MP4 the name may tell that it is sound only, where its beginning does not."""
    if head[4:8] == b"ftyp" and head[8:].startswith(MP4_BRANDS):
        is_sound = head[8:11] in (b"M4A", b"M4B") or name.lower().endswith(".m4a")
        return Format.M4A if is_sound else Format.MP4
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return Format.WEBM
    if head.startswith(b"OggS"):
        return Format.OGG
    # A tag, or the first frame: eleven set bits, and layer III.
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] and head[1] & 0xE6 == 0xE2):
        return Format.MP3
    return None


def check_captions(file) -> None:
    """Raises ValidationError for what is no file of captions, with the line that cannot be read."""
    if file.size > MOST_CAPTIONS:
        raise ValidationError(_("The file is too big to be captions."))
    file.seek(0)
    content = file.read()
    file.seek(0)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise ValidationError(_("The captions are not written in UTF-8. Save the file as UTF-8 (WebVTT).")) from error
    (_number, header), *blocks = [*_blocks(text)] or [(1, [""])]
    if not header[0].startswith("WEBVTT"):
        raise ValidationError(_("This is no WebVTT file: its first line is to say WEBVTT. Save the captions as .vtt."))
    for number, lines in [(1, header), *blocks]:
        if not _is_readable(lines, is_header=lines is header):
            place = next((index for index, line in enumerate(lines) if "->" in line), 0)
            words = {"number": number + place, "line": lines[place][:100]}
            raise ValidationError(
                _("Line %(number)d cannot be read: “%(line)s”. Times are written as 00:01.000 --> 00:04.500.") % words
            )
    if all(lines[0].startswith(NO_CAPTION) for _number, lines in blocks):
        raise ValidationError(_("There are no captions in the file."))


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """What stands between empty lines, with the number of its first line."""
    block = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line:
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _is_readable(lines: list[str], *, is_header: bool) -> bool:
    """Whether the block is what it should be: one by one, since the parser tells no line."""
    try:
        found = webvtt.from_string("\n".join(lines if is_header else ["WEBVTT", "", *lines]), strict=True)
    except (MalformedCaptionError, MalformedFileError):
        return False
    if is_header or lines[0].startswith(NO_CAPTION):
        return not len(found)
    return len(found) == 1 and found[0].start < found[0].end
