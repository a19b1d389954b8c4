"""An app that knows the standard, not us: a public GeoReport client reads what a form of the standard handed in."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from georeport import GeoReport  # type: ignore[import-untyped]

from core.audit import OPERATOR
from core.clock import system_clock
from core.db import Database
from core.tokens import create_token
from tests.support.service import serving

REQUEST = {
    "service_code": "road",
    "attribute[what]": "hole",
    "description": "西河村口路面有坑",
    "address_string": "西河村口",
    "lat": "30.2741",
    "long": "120.1551",
    "jurisdiction_id": "example.org",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[str]:
    """A running service where two requests have come in, one in each form; its address."""
    folder = tmp_path_factory.mktemp("open311")
    shutil.copy(sqlite_template, folder / "sunline.db")
    db = Database(f"sqlite:///{folder / 'sunline.db'}")
    key = db.write_now(create_token, system_clock(), OPERATOR, "an app", ["sender"])
    db.close()
    with serving(folder) as service:
        for form in ("json", "xml"):
            sent = httpx.post(f"{service.url}/open311/v2/requests.{form}", data={"api_key": key, **REQUEST})
            assert sent.status_code == 201, sent.text
        yield f"{service.url}/open311/v2"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_public_client_reads_services_definitions_and_requests(form: str, office: str) -> None:
    client = GeoReport(office, jurisdiction="example.org", output_format=form)
    assert "road" in [one["service_code"] for one in client.get_service_list()]
    assert client.get_service_definition("road")["service_code"] == "road"
    listed = client.get_service_requests(service_code="streetlight,road", status="open")
    assert [one["description"].splitlines()[0] for one in listed] == ["西河村口路面有坑"] * 2
    number = listed[0]["service_request_id"]
    assert client.get_service_request(number)["address"] == "西河村口"
    by_number = client.get_service_requests(service_request_id=",".join(one["service_request_id"] for one in listed))
    assert [one["service_request_id"] for one in by_number] == [one["service_request_id"] for one in listed]


def test_both_forms_say_the_same_to_it(office: str) -> None:
    in_json, in_xml = (GeoReport(office, output_format=form).get_service_requests() for form in ("json", "xml"))
    # XML has neither numbers nor nothing: every value is a text, an empty one nothing.
    assert [{name: str(value or "") for name, value in one.items()} for one in in_json] == [
        {name: value or "" for name, value in one.items()} for one in in_xml
    ]
