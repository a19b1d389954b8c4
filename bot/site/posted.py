"""What a form with files brought: text fields, and uploads that lie on disk until they are read one by one."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from core import files

MAX_FIELDS = 60
MAX_FILES = 60
"""More than are kept, so that a form with too many is told so with its words still there."""
UPLOAD_LIMIT = 24_000_000
"""Bytes of one form with its files that are asked for; the rest can follow in another."""
HEARD_LIMIT = 60_000_000
LARGER = tuple((path, HEARD_LIMIT) for path in ("/new", "/t/", "/n/"))
"""Bytes of a form that are heard, on disk: more than is asked for, so that whoever has no script and chose too much is
told so with every word still there."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A form. ``broken`` when it was cut off or has more files than are taken at once."""

    fields: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    uploads: Sequence[UploadFile] = ()
    broken: bool = False

    def get(self, name: str) -> str:
        """A field without the line ends of a form, empty when it is not there."""
        return self.fields.get(name, "").replace("\r\n", "\n").strip()


@asynccontextmanager
async def posted(request: Request) -> AsyncIterator[Posted]:
    """The form of a request; its uploads are forgotten at the end."""
    try:
        form = await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS)
    except HTTPException:
        yield Posted({}, {}, broken=True)
        return
    try:
        texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        lists: dict[str, list[str]] = {}
        for name, value in texts:
            lists.setdefault(name, []).append(value)
        uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]
        yield Posted({name: values[0].replace("\r\n", "\n") for name, values in lists.items()}, lists, uploads)
    finally:
        await form.close()


async def content_of(upload: UploadFile) -> bytes:
    """A file's bytes, one more than is kept at the most."""
    return await upload.read(files.MAX_BYTES + 1)
