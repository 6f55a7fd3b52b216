"""Zip files of others, of which nothing is unpacked by its name, and never more than is allowed."""

import io
import zipfile
import zlib

UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class ArchiveTooBig(Exception):
    """It holds more than is allowed."""


class Archive:
    """The files of a zip, read one at a time, and together no more than is allowed.

    What cannot be read raises one of UNREADABLE, and what is not there KeyError.
    """

    def __init__(self, content: bytes, *, most_bytes: int, most_files: int):
        if len(content) > most_bytes:
            raise ArchiveTooBig
        self.zip, self.left = zipfile.ZipFile(io.BytesIO(content)), most_bytes
        self.names = set(self.zip.namelist())
        if len(self.names) > most_files:
            raise ArchiveTooBig

    def read(self, name: str, most: int) -> bytes:
        """The content, whatever the file says of its size."""
        most = min(most, self.left)
        with self.zip.open(name) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise ArchiveTooBig
        self.left -= len(content)
        return content
