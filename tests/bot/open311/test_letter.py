"""GeoReport to the letter: what its text and the apps in use expect beyond the plain way."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import httpx
import pytest
from fastapi import FastAPI

from bot.open311 import routes, services
from core.config import Settings
from core.web import install_error_handlers
from tests.bot.open311.conftest import GeoReport

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 600
OTHER_PNG = b"\x89PNG\r\n\x1a\n" + b"1" * 600
TEXT = str
NUMBER = (int, float)
TYPES: dict[str, tuple[type, ...]] = {
    "service_request_id": (TEXT,),
    "status": (TEXT,),
    "service_code": (TEXT,),
    "description": (TEXT,),
    "requested_datetime": (TEXT,),
    "updated_datetime": (TEXT,),
    "expected_datetime": (TEXT,),
    "lat": (*NUMBER, type(None)),
    "long": (*NUMBER, type(None)),
    "media_url": (TEXT, type(None)),
    "address_id": (TEXT,),
}
"""What the public schemas of a request say of each field's type."""


async def test_a_new_request_has_a_number_or_a_token_never_both(geo: GeoReport) -> None:
    made = (await geo.post())[0]
    assert set(made) == {"service_request_id", "service_notice", "account_id"}


async def test_every_field_of_a_request_has_its_type_and_times_have_an_offset(geo: GeoReport) -> None:
    await geo.post()
    await geo.post(data={"lat": "", "long": "", "address_string": "", "address_id": "A-17"})
    for one in await geo.get("requests"):
        assert {name: isinstance(one[name], types) for name, types in TYPES.items()} == dict.fromkeys(TYPES, True)
        for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
            assert datetime.fromisoformat(one[name]).tzinfo is not None
        assert one["media_url"] != "", "an address or nothing"


async def test_an_address_id_comes_back_as_one(geo: GeoReport) -> None:
    number = (await geo.post(data={"address_id": "A-17"}))[0]["service_request_id"]
    shown = (await geo.get(f"requests/{number}"))[0]
    assert (shown["address"], shown["address_id"]) == ("西河村口", "A-17")


async def test_a_shown_description_keeps_to_the_standards_length(geo: GeoReport) -> None:
    long = {"service_code": "road", "attribute[what]": "hole", "description": "坑" * 4000}
    number = (await geo.post(data=long))[0]["service_request_id"]
    assert len((await geo.get(f"requests/{number}"))[0]["description"]) == 4000
    assert "是哪一种：路面坑洼" in (await geo.rig.matter(number)).body, "the office reads all of it"


async def test_a_name_without_a_value_is_a_name_not_given(geo: GeoReport) -> None:
    await geo.post()
    empty = dict.fromkeys(
        ("service_request_id", "service_code", "start_date", "end_date", "status", "page", "page_size"), ""
    )
    assert await geo.get("requests", **empty) == await geo.get("requests")
    assert len(await geo.get("servicerequestupdates", start_date="", end_date="")) == 1


async def test_numbers_override_every_other_filter(geo: GeoReport) -> None:
    number = (await geo.post())[0]["service_request_id"]
    long_ago = "2010-01-01T00:00:00Z"
    found = await geo.get(
        "requests",
        service_request_id=number,
        service_code="garbage",
        status="closed",
        start_date=long_ago,
        end_date=long_ago,
    )
    assert [one["service_request_id"] for one in found] == [number]


@pytest.mark.parametrize("query", ["service_code=streetlight,road", "service_code=streetlight&service_code=road"])
async def test_several_values_stand_after_commas_or_under_the_name_again(query: str, geo: GeoReport) -> None:
    for code in ("streetlight", "garbage"):
        await geo.post(data={"service_code": code})
    got = await geo.http.get(f"/open311/v2/requests.json?{query}&status=open&status=closed")
    assert [one["service_code"] for one in got.json()] == ["streetlight"]


async def test_the_place_of_a_jurisdiction_is_never_needed(geo: GeoReport) -> None:
    made = (await geo.post(data={"jurisdiction_id": "example.org"}))[0]
    found = await geo.get("requests", jurisdiction_id="example.org")
    assert [one["service_request_id"] for one in found] == [made["service_request_id"]]


@pytest.mark.parametrize(("form", "mime"), [("json", "application/json"), ("xml", "text/xml")])
async def test_what_is_not_there_is_said_in_the_form_of_the_address(form: str, mime: str, geo: GeoReport) -> None:
    for path in ("nothing", "requests/26110100", "tokens/26110100", "services/magic", "a/b/c"):
        got = await geo.http.get(f"/open311/v2/{path}.{form}")
        assert (got.status_code, got.headers["content-type"]) == (404, f"{mime}; charset=utf-8"), path
        assert "404" in got.text


async def test_a_caller_over_the_limit_hears_when_to_come_back(geo: GeoReport) -> None:
    codes = [(await geo.http.get("/open311/v2/requests.json")).status_code for _ in range(121)]
    assert (codes[0], codes[-1]) == (200, 429)
    got = await geo.http.get("/open311/v2/requests.xml")
    assert int(got.headers["retry-after"]) > 0
    assert ElementTree.fromstring(got.content).findtext("error/code") == "429"  # noqa: S314 - our own answer


@pytest.mark.parametrize("kind", ["text/xml", "application/xml", "application/json"])
async def test_a_body_that_is_no_form_is_never_read_as_one(kind: str, geo: GeoReport) -> None:
    body = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><request><description>&x;</description></request>'
    got = await geo.http.post("/open311/v2/requests.xml", content=body, headers={"Content-Type": kind})
    assert (got.status_code, "root:" in got.text) == (403, False)
    assert await geo.get("requests") == []


async def test_files_are_taken_under_any_name_and_addresses_of_pictures_all_kept(geo: GeoReport) -> None:
    urls = ["https://pictures.example/1.jpg", "https://pictures.example/2.jpg"]
    sent = [("photo1", ("a.png", PNG, "image/png")), ("photo2", ("b.png", OTHER_PNG, "image/png"))]
    number = (await geo.post(files=sent, data={"media_url": urls}))[0]["service_request_id"]
    matter = await geo.rig.matter(number)
    assert matter.extra is not None
    assert [matter.extra["media_url"], *matter.extra["more_media_urls"]] == urls
    assert "/media/" in (await geo.get(f"requests/{number}"))[0]["media_url"]


async def test_a_file_that_is_not_kept_opens_nothing_so_the_app_may_try_again(geo: GeoReport) -> None:
    page = {"media": ("a.png", b"<script>alert(1)</script>" * 40, "image/png")}
    assert "photos" in (await geo.post(400, files=page))[0]["description"]
    assert await geo.get("requests") == []


async def test_an_update_sent_again_is_taken_once(geo: GeoReport) -> None:
    number = (await geo.post())[0]["service_request_id"]
    said = {
        "service_request_id": number,
        "update_id": "77",
        "status": "OPEN",
        "updated_datetime": "2026-11-21T02:00:00Z",
        "description": "今晚又不亮了",
        "media_url": "https://pictures.example/3.jpg",
    }
    picture = {"photo1": ("a.png", PNG, "image/png")}
    first = await geo.post(path="servicerequestupdates.json", data=said, files=picture)
    again = await geo.post(path="servicerequestupdates.json", data=said, files=picture)
    assert first[0]["update_id"] == again[0]["update_id"]
    texts = [one["description"] for one in await geo.get("servicerequestupdates")]
    assert texts.count("今晚又不亮了\nhttps://pictures.example/3.jpg") == 1
    await geo.post(400, path="servicerequestupdates.json", data={**said, "description": "别的话"})
    await geo.post(path="servicerequestupdates.json", data={**said, "update_id": "78", "description": "别的话"})


async def test_the_trial_says_that_it_is_one(geo: GeoReport) -> None:
    assert (await geo.get("discovery"))["endpoints"][0]["type"] == "production"
    app = FastAPI()
    install_error_handlers(app)
    settings = Settings(secret_key="x" * 40, channels="webchat,phone")
    app.include_router(routes.build_router(geo.rig.hotline, geo.rig.db, geo.rig.clock, settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as http:
        found = (await http.get("/open311/v2/discovery.json")).json()
    assert found["endpoints"][0]["type"] == "test"


def test_the_changeset_is_a_moment_that_has_been() -> None:
    assert services.changeset() < datetime.now(UTC) + timedelta(days=1)
    for text in ("", 'changed = "yesterday"', "changed = 2026-11-22T10:00:00"):
        with pytest.raises(ValueError, match="changed"):
            services.changed(text)


async def test_a_broken_address_of_a_picture_is_a_plain_refusal(geo: GeoReport) -> None:
    assert (await geo.post(400, data={"media_url": "http://[x"}))[0]["code"] == 400
    assert (await geo.post(400, data={"media_url": ["https://pictures.example/x"] * 6}))[0]["code"] == 400
