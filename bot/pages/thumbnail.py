"""Small pictures of photographs for lists: made anew from what was decoded, so that nothing else travels along."""

import io
import warnings
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.files import IMAGES

if TYPE_CHECKING:
    from PIL import Image

SIDE = 320
"""Pixels of the longer side: sharp on a telephone at half that size."""
MOST_PIXELS = 60_000_000
"""What a good telephone's camera makes; a picture that unfolds into more is not opened."""
MIME = "image/jpeg"
_QUALITY = 75


def small(content: bytes, mime: str) -> bytes:
    """A small JPEG of a picture, the right way up. Raises NotFound for what is none or cannot be read."""
    if mime not in IMAGES:
        raise NotFound("There is no picture of this.")
    # Only whoever opens a matter with photos needs it: 10 MB that a process otherwise does without.
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is ours
            with Image.open(io.BytesIO(content)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise NotFound("This picture is too large.")
                picture.draft("RGB", (SIDE * 2, SIDE * 2))
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((SIDE, SIDE))
                made = io.BytesIO()
                _on_white(upright).save(made, "JPEG", quality=_QUALITY)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise NotFound("This picture cannot be read.") from error
    return made.getvalue()


def _on_white(picture: "Image.Image") -> "Image.Image":
    """Without transparency, which a JPEG has not."""
    from PIL import Image

    if picture.mode == "RGB":
        return picture
    clear = picture.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    white.alpha_composite(clear)
    return white.convert("RGB")
