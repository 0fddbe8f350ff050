import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const app = `import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

print('an application may print when it starts')
db = SQLAlchemy()

class User(db.Model):
    __tablename__ = 'users'
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Text, nullable=False)
    if os.environ.get('WITH_EMAIL'):
        email = db.Column(db.Text)

class Plan(db.Model):
    __tablename__ = 'subscription_plans'
    id = db.Column(db.Integer, primary_key=True)

app = Flask(__name__)
app.config['SQLALCHEMY_DATABASE_URI'] = os.environ['SQLALCHEMY_DATABASE_URI']
db.init_app(app)
Migrate(app, db)
`;

const seed = `import os, sys
import psycopg2
print('seeding', flush=True)
with psycopg2.connect(os.environ['DATABASE_URL']) as connection, connection.cursor() as cursor:
    cursor.execute("insert into users (id, name) values (1, 'first') on conflict do nothing")
    cursor.execute('insert into subscription_plans select generate_series(1, 3) on conflict do nothing')
    if len(sys.argv) > 1:
        raise RuntimeError('asked to fail with ' + os.environ['DATABASE_URL'])
`;

/** A migration that runs statements one way and back. */
export function migration(revision: string, after: string | null, up: string, down: string): string {
  return `from alembic import op
revision = '${revision}'
down_revision = ${after === null ? 'None' : `'${after}'`}
branch_labels = None
depends_on = None

def upgrade():
    op.execute(${JSON.stringify(up)})

def downgrade():
    op.execute(${JSON.stringify(down)})
`;
}

/** Writes a small Flask application with a program that seeds and two migrations; its env.py comes from `flask db init` on the host. */
export async function writeCheckout(dir: string): Promise<void> {
  await mkdir(join(dir, 'versions'), { recursive: true });
  await writeFile(join(dir, 'app.py'), app);
  await writeFile(join(dir, 'seed.py'), seed);
  const users = migration(
    'a1',
    null,
    'create table users (id serial primary key, name text not null)',
    'drop table users',
  );
  const plans = migration(
    'b2',
    'a1',
    'create table subscription_plans (id serial primary key)',
    'drop table subscription_plans',
  );
  await writeFile(join(dir, 'versions', 'a1_users.py'), users);
  await writeFile(join(dir, 'versions', 'b2_plans.py'), plans);
}
