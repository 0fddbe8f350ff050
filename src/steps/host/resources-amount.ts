import { z } from 'zod';

/** Bytes by unit; as on a disk's label, and with an `i` the powers of two. */
const units: Readonly<Record<string, number>> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** A share of the whole, in per cent. */
interface Percent {
  readonly percent: number;
}

/** An amount of bytes, or a share of the whole. */
export type Amount = Percent | { readonly bytes: number };

/** A share such as `10%`. */
export const Share = z
  .string()
  .regex(/^(100|\d{1,2})%$/, "a share such as '10%'")
  .transform((text): Percent => ({ percent: Number.parseInt(text, 10) }));

const Bytes = z
  .string()
  .regex(/^\d+(\.\d+)? ?[KMGT]i?B$/, "an amount such as '5GB' or '512MiB', or a share such as '10%'")
  .transform(
    (text): Amount => ({
      bytes: Number.parseFloat(text) * (units[text.replace(/[\d. ]/g, '')] ?? 1),
    }),
  );

/** An amount such as `5GB` or `512MiB`, or a share such as `10%`. */
export const Amount = z.union([Share, Bytes]);

/** What an amount is of this whole. */
export function inBytes(amount: Amount, whole: number): number {
  return 'percent' in amount ? (whole * amount.percent) / 100 : amount.bytes;
}

/** Bytes as people read them, such as `4.2 GB`. */
export function readableBytes(bytes: number): string {
  const [unit, size] = (['TB', 'GB', 'MB', 'KB'] as const)
    .map((name) => [name, units[name] ?? 1] as const)
    .find(([, least]) => bytes >= least) ?? ['bytes', 1];
  return unit === 'bytes' ? `${bytes} bytes` : `${Math.floor((bytes / size) * 10) / 10} ${unit}`;
}
