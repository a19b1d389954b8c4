"""Each test of the contract runs once for each channel's case."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.case import Case, Rig
from tests.contract.suite import CASES


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    """One channel's case."""
    found: Case = request.param
    return found


@pytest.fixture
async def rig(case: Case) -> AsyncIterator[Rig]:
    """The channel running beside its stand-in."""
    async with case.open() as rig:
        yield rig
