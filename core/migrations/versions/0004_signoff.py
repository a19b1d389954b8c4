"""sign-off and people"""

from alembic import op
import sqlalchemy as sa

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sign_series',
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    with op.batch_alter_table('sign_document', schema=None) as batch_op:
        batch_op.add_column(sa.Column('register_no', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('inspector_id', sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('sign_document', schema=None) as batch_op:
        batch_op.drop_column('inspector_id')
        batch_op.drop_column('register_no')
    op.drop_table('sign_series')
