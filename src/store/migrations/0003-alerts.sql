-- Alerts: a row for each episode, from when an alert starts to fire until it ends, beside the stream of its group.
create table alerts (
  stream text not null,
  fingerprint text not null,
  -- UTC with nine decimals, so that texts compare as times do and no nanosecond is lost.
  starts_at text not null,
  ends_at text,
  status text not null,
  -- Of which opening of the group it is.
  round integer not null,
  labels jsonb not null,
  annotations jsonb not null,
  generator_url text not null,
  changed_at timestamptz not null,
  primary key (stream, fingerprint, starts_at)
);
create index alerts_firing on alerts (stream) where status = 'firing';

create index streams_channel on streams ((state -> 'routing' ->> 'channel')) where kind = 'alerts';
create index streams_related on streams using gin ((state -> 'related') jsonb_path_ops) where kind = 'alerts';
create index streams_page on streams ((state -> 'page' ->> 'dedupKey')) where kind = 'alerts';

-- Webhooks that were taken in before, by the sender and the id that it gives each, so that one sent again does nothing.
create table webhooks_seen (
  sender text not null,
  id text not null,
  at timestamptz not null,
  primary key (sender, id)
);
