"""Encryption at rest: encrypted columns whose keys rotate, and keyed look-up of what must be found.

Columns are sealed with AES-256-GCM. A sealed value is ``version | key id | nonce | ciphertext``; the key id says
which data key opens it, so old rows stay readable after a new key is put first. The column's own name is
authenticated with the value: a ciphertext moved to another column does not open.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from core.errors import StartupError

_VERSION = b"\x01"
_KEY_BYTES = 32
_ID_BYTES = 4
_NONCE_BYTES = 12
_HEAD = len(_VERSION) + _ID_BYTES
_BODY = _HEAD + _NONCE_BYTES
_MIN_SECRET = 32


class CannotDecrypt(Exception):
    """No key on the ring opens this value: a key was removed too early, or the row was tampered with."""


class Keyring:
    """Data keys (the first encrypts, all decrypt) and the index key for blind look-up."""

    def __init__(self, data_keys: Sequence[bytes], index_key: bytes) -> None:
        if not data_keys or any(len(key) != _KEY_BYTES for key in (*data_keys, index_key)):
            raise StartupError("SUNLINE_DATA_KEYS and SUNLINE_INDEX_KEY must be keys of 32 bytes.")
        self._ciphers = {hashlib.sha256(key).digest()[:_ID_BYTES]: AESGCM(key) for key in data_keys}
        self._first = hashlib.sha256(data_keys[0]).digest()[:_ID_BYTES]
        self._index_key = index_key

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt for the place named by ``context``."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + self._first + nonce + self._ciphers[self._first].encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt; raises CannotDecrypt."""
        cipher = self._ciphers.get(sealed[1:_HEAD])
        if sealed[:1] != _VERSION or cipher is None:
            raise CannotDecrypt(f"no key for a value of {context}")
        if len(sealed) < _BODY:
            raise CannotDecrypt(f"a value of {context} was cut short")
        try:
            return cipher.decrypt(sealed[_HEAD:_BODY], sealed[_BODY:], context.encode())
        except InvalidTag as error:
            raise CannotDecrypt(f"a value of {context} was changed or moved") from error

    def current(self, sealed: bytes) -> bool:
        """Whether the first key sealed it; False means rotation has not reached it yet."""
        return sealed[1:_HEAD] == self._first

    def index(self, value: str, context: str) -> str:
        """A keyed digest (128 bits, hex) under which a secret value can be looked up but not read."""
        return hmac.digest(self._index_key, f"{context}\0{value}".encode(), "sha256").hex()[:32]


def derive(secret: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose out of the service's secret (HKDF-SHA256, RFC 5869)."""
    return HKDF(hashes.SHA256(), _KEY_BYTES, salt=b"sunline", info=purpose.encode()).derive(secret.encode())


def keyring_from(secret: str, data_keys: str = "", index_key: str = "") -> Keyring:
    """Build the ring from settings: explicit base64 keys win, otherwise both derive from the secret.

    The word ``secret`` among the data keys stands for the derived one, so that a service that began without keys of
    its own can rotate to one. Raises StartupError naming the setting that is missing or too weak.
    """
    if len(secret) < _MIN_SECRET or len(set(secret)) < 8:
        raise StartupError(
            f"SUNLINE_SECRET_KEY is missing or weak: set at least {_MIN_SECRET} random characters, "
            "for example the output of: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    named = [part.strip() for part in data_keys.split(",") if part.strip()] or ["secret"]
    return Keyring(
        [derive(secret, "data") if part == "secret" else _decode(part, "SUNLINE_DATA_KEYS") for part in named],
        _decode(index_key, "SUNLINE_INDEX_KEY") if index_key else derive(secret, "index"),
    )


def _decode(text: str, setting: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise StartupError(f"{setting} is not base64.") from error


class _Installed:
    """The ring that column types use. Types are made at import, long before settings are read."""

    ring: Keyring | None = None


def install(ring: Keyring) -> None:
    """Give the column types their keys. Until then every encrypted column refuses to work."""
    _Installed.ring = ring


def ring() -> Keyring:
    """The installed ring; raises StartupError when there is none, never falls back to plain text."""
    if _Installed.ring is None:
        raise StartupError("No encryption keys are installed.")
    return _Installed.ring


def index(value: str, context: str) -> str:
    """Keyed digest of a value with the installed ring, see ``Keyring.index``."""
    return ring().index(value, context)


def signing_secret(address: str) -> bytes:
    """The 32 bytes with which what goes to an address is signed. Derived, so that it is kept nowhere."""
    return bytes.fromhex(index(address, "webhook.secret.1") + index(address, "webhook.secret.2"))


class EncryptedText(TypeDecorator[str]):
    """A text column that is ciphertext in the database. ``context`` names the column (``"outbox.text"``)."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Seal on the way in."""
        return None if value is None else ring().seal(value.encode(), self.context)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Open on the way out."""
        return None if value is None else ring().open(bytes(value), self.context).decode()


class EncryptedJSON(TypeDecorator[Any]):
    """A JSON column that is ciphertext in the database."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> bytes | None:
        """Seal on the way in."""
        return None if value is None else ring().seal(orjson.dumps(value), self.context)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        """Open on the way out."""
        return None if value is None else orjson.loads(ring().open(bytes(value), self.context))
