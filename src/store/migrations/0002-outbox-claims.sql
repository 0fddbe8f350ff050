-- How often a job was asked for while it lay here: one that was asked for again while it was being handed over must stay.
alter table outbox add column asked integer not null default 1;
