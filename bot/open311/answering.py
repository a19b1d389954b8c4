"""How GeoReport answers: in the form of the address, errors too."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from bot.open311.render import Form, render
from core.errors import AppError, BadInput
from core.web import render_error

_KEPT_HEADERS = ("Retry-After",)


class GeoReportRoute(APIRoute):
    """Says errors as the standard does: a list of code and description, in the form of the address."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, with errors answered here."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                named = ", ".join(str(problem["loc"][-1]) for problem in error.errors())
                return _refusal(request, 400, f"This does not fit: {named}.")
            except AppError as error:
                # The standard knows 400 for what does not fit, where the rest of this service says 422.
                code = 400 if isinstance(error, BadInput) else error.status
                said = render_error(error).headers
                kept = {name: said[name] for name in _KEPT_HEADERS if name in said}
                return _refusal(request, code, error.detail, kept)

        return handled


def _refusal(request: Request, code: int, description: str, headers: Mapping[str, str] | None = None) -> Response:
    form = Form.JSON if request.url.path.endswith(".json") else Form.XML
    content = [{"code": code, "description": description}]
    return Response(render(form, "errors", content), code, headers, media_type=form.mime)


def answer(form: Form, root: str, content: Any, status: int = 200) -> Response:
    return Response(render(form, root, content), status, media_type=form.mime)
