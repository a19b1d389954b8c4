"""Styles, scripts and pictures: served under an address that changes with their content, so browsers may keep them."""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from starlette.datastructures import MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class VersionedFiles(StaticFiles):
    """Styles and scripts; their address carries a version, so browsers may keep them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """As the base class, with a lasting cache for versioned addresses."""
        response = super().file_response(*args, **kwargs)
        scope: Scope = args[2] if len(args) > 2 else kwargs["scope"]
        versioned = scope.get("query_string", b"").startswith(b"v=")
        MutableHeaders(raw=response.raw_headers)["Cache-Control"] = (
            "public, max-age=31536000, immutable" if versioned else "no-cache"
        )
        return response


class StaticFolder:
    """One folder of static files under one path of the site."""

    def __init__(self, path: str, folder: Path) -> None:
        self.path = path
        self._folder = folder

    @cached_property
    def _versions(self) -> dict[str, str]:
        return {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:10]
            for file in self._folder.iterdir()
            if file.is_file()
        }

    def url(self, name: str) -> str:
        """The address of a file, different whenever its content is; KeyError for one that is not there."""
        return f"{self.path}/{name}?v={self._versions[name]}"

    def mount(self, app: FastAPI) -> None:
        """Serve the folder."""
        app.mount(self.path, self.files(), name=self.path.strip("/"))

    def files(self) -> VersionedFiles:
        """The folder as an application."""
        return VersionedFiles(directory=self._folder)


LOOK = StaticFolder("/look", Path(__file__).parent / "static")
"""The look both sites share: colours, type, basic parts."""
