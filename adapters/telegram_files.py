"""Fetching what people attach: from the API's own address, never more than allowed."""

from aiogram.methods import GetFile

from adapters.telegram_client import Client, too_large
from adapters.telegram_errors import FILE_TOO_BIG
from core.errors import BadInput, Rejected, Retryable, SendError, Uncertain
from core.messages import File, Media

_BYTES_PER_S = 256 * 1024


async def download(client: Client, media: Media, limit_bytes: int, timeout_s: float) -> File:
    """The file; raises BadInput when it is too large, SendError when it cannot be had."""
    if media.size is not None and media.size > limit_bytes:
        raise too_large(limit_bytes)
    path = await _path(client, media.ref, limit_bytes)
    content = await client.read(path, limit_bytes, timeout_s + limit_bytes / _BYTES_PER_S)
    return File(media.name or path.rpartition("/")[2], media.mime, content)


async def _path(client: Client, ref: str, limit_bytes: int) -> str:
    failure: SendError | BadInput
    try:
        found = await client.call(GetFile(file_id=ref))
    except Rejected as error:
        failure = too_large(limit_bytes) if error.provider_code == FILE_TOO_BIG else error
    except Uncertain as error:
        # Reading changes nothing, so there is nothing to be uncertain about.
        failure = Retryable(error.reason, provider_code=error.provider_code)
    else:
        path = found.file_path or ""
        if found.file_size is not None and found.file_size > limit_bytes:
            failure = too_large(limit_bytes)
        elif _inside(path):
            return path
        else:
            failure = Rejected("Telegram names no file of its own", provider_code="file_path")
    raise failure


def _inside(path: str) -> bool:
    """Whether a path stays below the API's file address."""
    return not {"", ".", ".."} & set(path.split("/")) and not set("?#%\\:@") & set(path)
