"""The API document: whole, described, and true to the contract."""

import re
from typing import Any

import pytest
from fastapi import FastAPI

CONTRACT = """
GET /healthz
GET /readyz
POST /api/v1/ask
POST /api/v1/ask/{query_id}/feedback
GET /api/v1/faq
POST /api/v1/faq
PATCH /api/v1/faq/{entry_id}
POST /api/v1/faq/{entry_id}/submit
POST /api/v1/faq/{entry_id}/approve
POST /api/v1/faq/{entry_id}/archive
POST /api/v1/faq/import
GET /api/v1/faq/misses
POST /api/v1/session
GET /api/v1/session
DELETE /api/v1/session
POST /api/v1/session/password
"""
"""What other systems rely on, as far as questions and answers go."""
PAGES = ["GET /", "GET /phone", "GET /metrics", "POST /hooks/{channel}"]
"""Served as well, but not for programs that read the document."""


@pytest.fixture(scope="module")
def document(application: FastAPI) -> dict[str, Any]:
    """The document as `sunline openapi` prints it."""
    return application.openapi()


def _operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


@pytest.mark.parametrize("route", CONTRACT.split("\n")[1:-1])
def test_what_the_contract_names_is_there(route: str, document: dict[str, Any]) -> None:
    assert route in {re.sub(r":path\}", "}", named) for named in _operations(document)}


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    silent = [route for route, operation in _operations(document).items() if not operation.get("description")]
    assert silent == []


def test_no_two_operations_share_a_name(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in _operations(document).values()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    named = set(re.findall(r"#/components/schemas/([^'\"]+)", str(document)))
    assert named - set(document["components"]["schemas"]) == set()


def test_a_question_is_described_with_its_limits(document: dict[str, Any]) -> None:
    text = document["components"]["schemas"]["AskIn"]["properties"]["text"]
    assert (text["minLength"], text["maxLength"]) == (1, 1000)
