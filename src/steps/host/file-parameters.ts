import { z } from 'zod';

/** An absolute path on a host, without `.` and `..` in it and without a slash at its end. */
export const AbsolutePath = z
  .string()
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[^/\0\r\n]+)+$/,
    'an absolute path without empty parts, . or .., and without a slash at its end',
  )
  .max(4_000);

/** The permissions of a file or directory as four octal digits. */
export const Mode = z
  .string()
  .regex(/^[0-7]{4}$/, "four octal digits in quotes, such as '0644'")
  .meta({ description: "four octal digits in quotes, such as '0644'" });

/** The name of a user or group, as useradd(8) takes it. */
export const Account = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_-]{0,30}[a-z0-9_$-]?$/,
    'an account name of small letters, digits, hyphens and underscores, 32 at most',
  );
