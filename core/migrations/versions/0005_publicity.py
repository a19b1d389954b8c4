"""notices, beneficiaries, sending"""

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('beneficiary',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('list_id', sa.String(length=32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('phone_index', sa.String(length=32), nullable=True),
    sa.Column('entry_index', sa.String(length=32), nullable=True),
    sa.Column('area', sa.String(length=120), nullable=False),
    sa.Column('quantity', sa.String(length=24), nullable=False),
    sa.Column('rate', sa.String(length=24), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('flags', sa.String(length=120), nullable=False),
    sa.Column('confirmation', sa.String(length=10), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_via', sa.String(length=20), nullable=False),
    sa.Column('dispute', sa.LargeBinary(), nullable=True),
    sa.Column('review', sa.String(length=10), nullable=False),
    sa.Column('reviewed_by', sa.String(length=80), nullable=True),
    sa.Column('phone_gone', sa.String(length=12), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('list_id', 'number')
    )
    with op.batch_alter_table('beneficiary', schema=None) as batch_op:
        batch_op.create_index('ix_beneficiary_by_phone', ['phone_index'], unique=False, sqlite_where=sa.text('phone_index IS NOT NULL'), postgresql_where=sa.text('phone_index IS NOT NULL'))
        batch_op.create_index('ix_beneficiary_entry', ['entry_index'], unique=False, sqlite_where=sa.text('phone_index IS NOT NULL'), postgresql_where=sa.text('phone_index IS NOT NULL'))
        batch_op.create_index('ix_beneficiary_phone', ['list_id', 'phone_index', 'number'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('programme', sa.String(length=100), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('area', sa.String(length=120), nullable=False),
    sa.Column('area_id', sa.String(length=32), nullable=True),
    sa.Column('topic', sa.String(length=40), nullable=False),
    sa.Column('audience', sa.String(length=16), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('report_phone', sa.String(length=40), nullable=False),
    sa.Column('emergency', sa.Boolean(), nullable=False),
    sa.Column('confirm_first', sa.Boolean(), nullable=False),
    sa.Column('previous_id', sa.String(length=32), nullable=True),
    sa.Column('round', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('list_id', sa.String(length=32), nullable=True),
    sa.Column('author', sa.String(length=80), nullable=False),
    sa.Column('unit_id', sa.String(length=32), nullable=True),
    sa.Column('writers', sa.JSON(), nullable=False),
    sa.Column('approvals', sa.JSON(), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reviewed_by', sa.String(length=80), nullable=True),
    sa.Column('publish_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('final_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.Column('batch', sa.String(length=32), nullable=True),
    sa.Column('cursor', sa.String(length=120), nullable=False),
    sa.Column('fanned', sa.Boolean(), nullable=False),
    sa.Column('planned', sa.Integer(), nullable=False),
    sa.Column('estimate', sa.JSON(), nullable=False),
    sa.Column('samples', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_state', ['state', 'id'], unique=False)

    op.create_table('notice_bad_row',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('list_id', sa.String(length=32), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('problems', sa.JSON(), nullable=False),
    sa.Column('cells', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('notice_bad_row', schema=None) as batch_op:
        batch_op.create_index('ix_notice_bad_row', ['list_id', 'id'], unique=False)

    op.create_table('notice_list',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('notice_id', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.Column('expected', sa.Integer(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('bad', sa.Integer(), nullable=False),
    sa.Column('with_phone', sa.Integer(), nullable=False),
    sa.Column('amount_cents', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('summary', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('notice_list', schema=None) as batch_op:
        batch_op.create_index('ix_notice_list_notice', ['notice_id', 'id'], unique=False)

    op.create_table('notice_recipient',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('notice_id', sa.String(length=32), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('area', sa.String(length=120), nullable=False),
    sa.Column('message_id', sa.String(length=32), nullable=True),
    sa.Column('excluded', sa.String(length=20), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('told_by', sa.String(length=80), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('notice_id', 'revision', 'purpose', 'row', 'channel')
    )
    with op.batch_alter_table('notice_recipient', schema=None) as batch_op:
        batch_op.create_index('ix_notice_recipient_message', ['message_id'], unique=False, sqlite_where=sa.text('message_id IS NOT NULL'), postgresql_where=sa.text('message_id IS NOT NULL'))

    op.create_table('notice_revision',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('notice_id', sa.String(length=32), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('programme', sa.String(length=100), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('area', sa.String(length=120), nullable=False),
    sa.Column('area_id', sa.String(length=32), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('report_phone', sa.String(length=40), nullable=False),
    sa.Column('emergency', sa.Boolean(), nullable=False),
    sa.Column('list_id', sa.String(length=32), nullable=True),
    sa.Column('published_digest', sa.String(length=64), nullable=False),
    sa.Column('restarted', sa.Boolean(), nullable=False),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.Column('batch', sa.String(length=32), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('notice_id', 'revision')
    )
    with op.batch_alter_table('notice_revision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_revision_list_id'), ['list_id'], unique=False)
        batch_op.create_index('ix_notice_revision_public', ['published_at'], unique=False)

    op.create_table('notice_series',
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year')
    )
    op.create_table('notice_step',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('notice_id', sa.String(length=32), nullable=False),
    sa.Column('step', sa.String(length=24), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('person', sa.String(length=100), nullable=False),
    sa.Column('document', sa.String(length=100), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('notice_id', 'step')
    )
    op.create_table('office_list_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('name_index', sa.String(length=32), nullable=False),
    sa.Column('area', sa.String(length=120), nullable=False),
    sa.Column('phone_index', sa.String(length=32), nullable=True),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('office_list_entry', schema=None) as batch_op:
        batch_op.create_index('ix_office_list_name', ['kind', 'name_index'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('office_list_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_office_list_name')

    op.drop_table('office_list_entry')
    op.drop_table('notice_step')
    op.drop_table('notice_series')
    with op.batch_alter_table('notice_revision', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_revision_public')
        batch_op.drop_index(batch_op.f('ix_notice_revision_list_id'))

    op.drop_table('notice_revision')
    with op.batch_alter_table('notice_recipient', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_recipient_message', sqlite_where=sa.text('message_id IS NOT NULL'), postgresql_where=sa.text('message_id IS NOT NULL'))

    op.drop_table('notice_recipient')
    with op.batch_alter_table('notice_list', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_list_notice')

    op.drop_table('notice_list')
    with op.batch_alter_table('notice_bad_row', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_bad_row')

    op.drop_table('notice_bad_row')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_state')

    op.drop_table('notice')
    with op.batch_alter_table('beneficiary', schema=None) as batch_op:
        batch_op.drop_index('ix_beneficiary_phone')
        batch_op.drop_index('ix_beneficiary_entry', sqlite_where=sa.text('phone_index IS NOT NULL'), postgresql_where=sa.text('phone_index IS NOT NULL'))
        batch_op.drop_index('ix_beneficiary_by_phone', sqlite_where=sa.text('phone_index IS NOT NULL'), postgresql_where=sa.text('phone_index IS NOT NULL'))

    op.drop_table('beneficiary')
