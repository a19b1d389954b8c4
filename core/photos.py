"""Photographs without what they tell about whoever took them: where, when, with which camera. Pure.

A JPEG is a row of segments before its picture. Those that hold particulars (APP1: Exif and XMP, APP13: IPTC,
comments) are left out and the picture is not touched; only which way up it is goes in again (Exif 2.32, 0x0112).
"""

import struct

_START = b"\xff\xd8"
_PICTURE = 0xDA
_PARTICULARS = frozenset({0xE1, 0xED, 0xFE})
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112
_SHORT = 3
_UPRIGHT = 1


def plain(content: bytes) -> bytes:
    """A JPEG without its particulars; anything else, and a JPEG that cannot be read, as it is."""
    if not content.startswith(_START):
        return content
    kept, turned, at = [_START], _UPRIGHT, len(_START)
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != _PICTURE:
        length = 2 + struct.unpack_from(">H", content, at + 2)[0]
        if length < 4 or at + length > len(content):
            return content
        segment = content[at : at + length]
        if segment[1] not in _PARTICULARS:
            kept.append(segment)
        elif segment[4:].startswith(_EXIF):
            turned = _orientation(segment[4 + len(_EXIF) :]) or turned
        at += length
    if turned != _UPRIGHT:
        kept.insert(1, _only_orientation(turned))
    return b"".join([*kept, content[at:]])


def _orientation(tiff: bytes) -> int:
    """Which way up, 1 to 8, from the first directory of Exif; 0 when it does not say."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 0
    try:
        (begin,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, begin)
        for entry in range(min(count, 200)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, begin + 2 + 12 * entry)
            if tag == _ORIENTATION and kind == _SHORT:
                return value if 1 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _only_orientation(turned: int) -> bytes:
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, _SHORT, 1, turned, 0, 0)
    body = _EXIF + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
