-- A lease that a crash of the database forgets is taken again, and the fence keeps its last holder from writing, so that
-- taking one need not wait for the disk.
alter table leases set unlogged;
