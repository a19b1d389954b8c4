"""What clerks read about lists and previews: reasons, flags and warnings in three locales."""

from importlib.resources import files

from core.i18n import Catalogue


def load() -> Catalogue:
    """The catalogue; raises StartupError when the locales differ."""
    return Catalogue.load(files(__name__))
