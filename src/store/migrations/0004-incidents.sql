create sequence incident_numbers;

create index streams_incident_number on streams (((state ->> 'number')::integer)) where kind = 'incident';
create index streams_incident_channel on streams ((state -> 'room' ->> 'channel')) where kind = 'incident';
create index streams_walkthrough_group on streams ((state -> 'alert' ->> 'group')) where kind = 'walkthrough';
create index streams_walkthrough_incident on streams ((state ->> 'incident')) where kind = 'walkthrough';

-- What has changed since somebody's home tab was drawn.
create index streams_changed on streams (changed_at);

-- Whose home tab is kept fresh, and what it shows.
create table homes (
  person text primary key,
  digest text not null,
  opened_at timestamptz not null,
  drawn_at timestamptz not null
);

-- What has been done in the channel of an incident: the topic that it shows, the message that is pinned, and the alert groups
-- and runs that were told of the channel. Only notes: what is missing here is done once more, which changes nothing.
create table rooms (
  incident text primary key,
  topic text,
  pinned text,
  linked text[] not null default '{}'
);
