"""delivery"""

from alembic import op
import sqlalchemy as sa

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('outbox_address',
    sa.Column('address_index', sa.String(length=32), nullable=False),
    sa.Column('free_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('address_index')
    )


def downgrade() -> None:
    op.drop_table('outbox_address')
