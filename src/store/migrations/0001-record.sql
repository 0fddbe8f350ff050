-- The record: the current state of each stream, its history, and what the history points at by hash.
create table streams (
  id text primary key,
  kind text not null,
  -- The number of events so far; every change names the version it leaves.
  version integer not null,
  state jsonb not null,
  -- The hash of the newest event, which covers all before it.
  hash text not null,
  -- What this stream alone may hold until it ends, such as an environment.
  holds text,
  ended boolean not null default false,
  -- The version that Slack shows.
  drawn integer not null default 0,
  created_at timestamptz not null,
  changed_at timestamptz not null
);
create unique index streams_holds on streams (holds) where holds is not null;
create index streams_open on streams (kind) where not ended;
create index streams_undrawn on streams (id) where drawn < version;
create index streams_newest on streams (kind, created_at desc);

create table events (
  stream text not null,
  version integer not null,
  type text not null,
  data jsonb not null,
  at timestamptz not null,
  hash text not null,
  primary key (stream, version)
);

create table evidence (
  stream text not null,
  hash text not null,
  body jsonb not null,
  at timestamptz not null,
  primary key (stream, hash)
);

create table plans (
  hash text primary key,
  body jsonb not null
);

-- Jobs that were decided and not yet handed to the queue.
create table outbox (
  id text primary key,
  queue text not null,
  name text not null,
  data jsonb not null,
  -- When it may be handed over.
  due timestamptz not null,
  -- When the job is to run.
  run_at timestamptz,
  -- How often it was asked for while it lay here: one asked for again while it was being handed over must stay.
  asked integer not null default 1
);
create index outbox_due on outbox (due);

-- Where each Slack message of a stream is, and what it shows.
create table surfaces (
  stream text not null,
  key text not null,
  channel text,
  ts text,
  digest text,
  -- An earlier message of this surface that Slack no longer lets be edited.
  moved_from text,
  -- Set before a first post whose outcome is not known yet.
  posting_since timestamptz,
  primary key (stream, key)
);

-- Who works on a phase right now, by the database's clock. One that a crash of the database forgets is taken again, and
-- the fence keeps its last holder from writing, so taking one need not wait for the disk.
create unlogged table leases (
  id text primary key,
  owner text not null,
  until timestamptz not null
);

create sequence run_numbers;

-- One row: what fingerprints of parameters are keyed with, so that a record alone does not help to guess a secret.
create table installation (
  fingerprint_key text not null
);
insert into installation values (gen_random_uuid()::text);
