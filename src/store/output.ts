import type { Pool } from 'pg';

/** Names one attempt of a step within a run: the token of the worker that made it, and which of its tries it was. */
export interface AttemptKey {
  readonly phase: string;
  readonly step: string;
  readonly fence: number;
  readonly try: number;
}

/** What an attempt said, in its pieces as they were written. */
export interface Output extends AttemptKey {
  readonly pieces: readonly string[];
}

/** The end of what an attempt said; `characters` counts all of it. */
export interface OutputTail extends AttemptKey {
  readonly tail: string;
  readonly characters: number;
}

/** Writes a piece of an attempt's output, counted from 1, or writes it anew; `at` is in milliseconds since 1970. */
export async function writeOutput(
  pool: Pool,
  stream: string,
  { phase, step, fence, try: number }: AttemptKey,
  piece: { readonly seq: number; readonly text: string; readonly at: number },
): Promise<void> {
  await pool.query({
    name: 'write-output',
    text: `insert into step_output (stream, phase, step, fence, try, seq, text, at)
           values ($1::text, $2::text, $3::text, $4::int, $5::int, $6::int, $7::text, to_timestamp($8::float8 / 1000))
           on conflict (stream, phase, step, fence, try, seq) do update set text = excluded.text, at = excluded.at`,
    values: [stream, phase, step, fence, number, piece.seq, piece.text, piece.at],
  });
}

/** What the attempts of a run said, oldest first; of one phase or one step when they are given. */
export async function outputsOf(
  pool: Pool,
  stream: string,
  of: { readonly phase?: string | undefined; readonly step?: string | undefined } = {},
): Promise<readonly Output[]> {
  const { rows } = await pool.query<Output>(
    `select phase, step, fence, try, array_agg(text order by seq) as pieces
     from step_output
     where stream = $1::text and ($2::text is null or phase = $2::text) and ($3::text is null or step = $3::text)
     group by phase, step, fence, try
     order by min(at), phase, step, fence, try`,
    [stream, of.phase ?? null, of.step ?? null],
  );
  return rows;
}

/** The last `length` characters of what the newest attempt of each step of a phase said. */
export async function outputTails(
  pool: Pool,
  stream: string,
  phase: string,
  length: number,
): Promise<readonly OutputTail[]> {
  const { rows } = await pool.query<OutputTail>(
    `select distinct on (step) phase, step, fence, try, right(whole, $3::int) as tail, length(whole) as characters
     from (
       select phase, step, fence, try, string_agg(text, '' order by seq) as whole
       from step_output where stream = $1::text and phase = $2::text
       group by phase, step, fence, try
     ) as attempts
     order by step, fence desc, try desc`,
    [stream, phase, length],
  );
  return rows;
}
