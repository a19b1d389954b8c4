"""citizen pages"""

from alembic import op
import sqlalchemy as sa

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('web_visit',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('matters', sa.JSON(), nullable=False),
    sa.Column('receipt', sa.LargeBinary(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('web_visit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_web_visit_used_at'), ['used_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('web_visit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_web_visit_used_at'))

    op.drop_table('web_visit')
