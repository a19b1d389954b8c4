"""Vectors beside the entries they belong to."""

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel


class FaqVector(SQLModel, table=True):
    """An entry's phrasings as one model sees them: ``count`` rows of float16, one after the other.

    ``digest`` is that of the phrasings: other phrasings need other vectors.
    """

    __tablename__ = "faq_vector"

    entry_id: str = Field(primary_key=True, max_length=80)
    model: str = Field(primary_key=True, max_length=80)
    digest: str = Field(max_length=32)
    count: int
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
