"""Photographs leave what they tell about their maker behind, and stay the picture they were."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import photos

GPS = 0x8825
MODEL = 0x0110


def photo(turned: int = 1, comment: bytes = b"") -> bytes:
    """A small JPEG that says where it was taken and by what."""
    image = Image.new("RGB", (40, 20))
    image.paste((200, 30, 30), (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[MODEL] = "A camera of somebody"
    exif.get_ifd(GPS)[2] = (30.0, 16.0, 27.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=comment, quality=90)
    return out.getvalue()


@pytest.mark.parametrize("turned", [1, 3, 6, 8])
def test_place_and_camera_are_gone_and_the_picture_is_the_same_way_up(turned: int) -> None:
    before = photo(turned, b"written by somebody")
    after = photos.plain(before)
    assert b"A camera" in before
    assert b"A camera" not in after
    assert b"written by" not in after
    old, new = Image.open(io.BytesIO(before)), Image.open(io.BytesIO(after))
    assert dict(new.getexif().get_ifd(GPS)) == {}
    assert new.getexif().get(0x0112, 1) == turned
    assert old.tobytes() == new.tobytes()


def test_a_second_time_changes_nothing() -> None:
    once = photos.plain(photo(6))
    assert photos.plain(once) == once


@given(st.binary(max_size=200), st.integers(0, 400))
def test_what_is_no_jpeg_or_is_cut_short_never_breaks(noise: bytes, cut: int) -> None:
    assert photos.plain(noise) == noise or noise.startswith(b"\xff\xd8")
    photos.plain(b"\xff\xd8" + noise)
    photos.plain(photo()[:cut])
