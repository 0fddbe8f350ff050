/**
 * Why something could not be reached, in a few words: the message of the innermost cause, or its code where a driver leaves
 * the message empty, as Node does when it tried several addresses of a host.
 */
export function reasonOf(error: unknown): string {
  let innermost = error;
  for (let depth = 0; depth < 8; depth += 1) {
    if (innermost instanceof AggregateError && innermost.errors.length > 0) [innermost] = innermost.errors;
    else if (innermost instanceof Error && innermost.cause !== undefined) innermost = innermost.cause;
    else if (innermost instanceof Error && 'original' in innermost) innermost = innermost.original;
    else break;
  }
  if (!(innermost instanceof Error)) return String(innermost);
  return innermost.message || ('code' in innermost ? String(innermost.code) : innermost.name);
}
