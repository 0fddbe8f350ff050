/** An error answer in Elasticsearch's own shape; thrown, so that any depth may refuse. */
export interface Refusal extends Error {
  readonly status: number;
  readonly body: unknown;
}

/** Throws an error answer: `type` is one of Elasticsearch's exception names. */
export function refuse(status: number, type: string, reason: string): never {
  const cause = { type, reason };
  throw Object.assign(new Error(reason), {
    status,
    body: { error: { root_cause: [cause], ...cause }, status },
  });
}

/** Throws an error answer without a type, as the REST layer gives them before any action is found. */
export function refusePlainly(status: number, error: string): never {
  throw Object.assign(new Error(error), { status, body: { error, status } });
}

/** Whether this was thrown by one of the functions above. */
export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && 'status' in error && 'body' in error;
}
