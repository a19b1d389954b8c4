"""Files attached to Twilio's inbound messages: from Twilio's own hosts only, of known types, within a limit.

The address comes in a signed webhook and leads to this account's part of the API, which needs the credentials and
redirects to a media host, which must not see them.
"""

import mimetypes
from collections.abc import Collection

import aiohttp
from yarl import URL

from core.errors import BadInput, Misconfigured, Rejected, Retryable
from core.messages import File, Media

TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "audio/", "video/")
"""Beginnings of accepted types. SVG is not among them: it can carry scripts."""
DOCUMENTS = frozenset({"application/pdf", "text/vcard", "text/x-vcard", "text/plain"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOPS = 4
_CHUNK_BYTES = 65_536


class MediaSource:
    """Where one account's media may be fetched from."""

    def __init__(self, base: URL, account_sid: str, token: str, hosts: Collection[str]) -> None:
        self._base = base
        self._folder = f"/2010-04-01/Accounts/{account_sid}/"
        self._auth = {"Authorization": aiohttp.encode_basic_auth(account_sid, token)}
        self._hosts = frozenset(hosts)

    async def fetch(self, session: aiohttp.ClientSession, media: Media, limit_bytes: int) -> File:
        """The file; raises BadInput for a foreign address, a refused type or size, else SendError."""
        url = _address(media.ref)
        for _ in range(_HOPS):
            headers = self.credentials(url)
            async with session.get(url, headers=headers, allow_redirects=False) as response:
                if response.status in _REDIRECTS:
                    url = url.join(_address(response.headers.get("Location", "")))
                    continue
                _check_status(response.status)
                content = await _read(response, limit_bytes)
                mime = response.content_type
            name = media.name or URL(media.ref).name + (mimetypes.guess_extension(mime) or "")
            return File(name, mime, content)
        raise Rejected("the media address redirects too often")

    def credentials(self, url: URL) -> dict[str, str]:
        """Headers: ours for the API's own host, none for Twilio's media hosts. Raises BadInput elsewhere."""
        if url.scheme in {"http", "https"} and url.host and url.user is None:
            if url.origin() == self._base.origin() and url.path.startswith(self._folder):
                return self._auth
            if url.scheme in {"https", self._base.scheme} and url.authority in self._hosts:
                return {}
        raise BadInput("the media address is not one of Twilio's")


def _address(text: str) -> URL:
    try:
        return URL(text)
    except ValueError:
        raise BadInput("the media address is not an address") from None


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status in {401, 403}:
        raise Misconfigured("Twilio does not let this account read the media")
    if status == 429 or status >= 500:
        raise Retryable(f"the media host answered {status}")
    raise Rejected("the media is gone")


async def _read(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    mime = response.content_type
    if not mime.startswith(TYPES) and mime not in DOCUMENTS:
        raise BadInput("this type of file is not accepted")
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        content += chunk
        if len(content) > limit_bytes:
            raise BadInput("the file is too large")
    return bytes(content)
