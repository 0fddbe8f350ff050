import { z } from 'zod';

/** The name of one index or alias, https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create */
export const IndexName = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[^-_+A-Z\\/*?"<>| ,#:][^A-Z\\/*?"<>| ,#:]*$/,
    'one index name in lower case, without wildcards',
  )
  .refine((name) => Buffer.byteLength(name) <= 255, 'at most 255 bytes');
