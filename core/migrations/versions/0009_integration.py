"""open311 and webhooks"""

from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('webhook_endpoint',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('url', sa.LargeBinary(), nullable=False),
    sa.Column('url_index', sa.String(length=32), nullable=False),
    sa.Column('events', sa.JSON(), nullable=False),
    sa.Column('told', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('url_index')
    )


def downgrade() -> None:
    op.drop_table('webhook_endpoint')
