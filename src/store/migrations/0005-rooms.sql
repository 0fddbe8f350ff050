-- What has been done in the channel of an incident: the topic that it shows, the message that is pinned, and the alert groups
-- and runs that were told of the channel. Only notes: what is missing here is done once more, which changes nothing.
create table rooms (
  incident text primary key,
  topic text,
  pinned text,
  linked text[] not null default '{}'
);
