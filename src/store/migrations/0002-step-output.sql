-- What steps say while they run, beside the stream: pieces of whole lines, redacted. The evidence of an attempt that ended
-- holds a hash of its pieces; those of one that was cut off stay for people to read.
create table step_output (
  stream text not null,
  phase text not null,
  step text not null,
  -- The token of the worker that wrote it, and which of its tries.
  fence integer not null,
  try integer not null,
  seq integer not null,
  text text not null,
  at timestamptz not null,
  primary key (stream, phase, step, fence, try, seq)
);
