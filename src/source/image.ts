import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../errors.ts';
import { nearNames } from './near-names.ts';
import { type AskRegistry, type RegistryAccount, registryClient } from './registry-client.ts';

/** An image without a tag, such as `registry.example.com/softfactory`, and who may see it. */
export interface Image {
  readonly image: string;
  readonly account?: RegistryAccount | undefined;
}

/** What may be behind a tag: an image for one platform or an index of several, in the words of OCI and of Docker. */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** What a tag may be (OCI distribution specification 1.1, Pulling manifests). */
const tagName = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Registries need not take more (OCI distribution specification 1.1, Pushing manifests). */
const largestManifest = 4 * 1024 * 1024;

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/**
 * Finds out which digest (`sha256:…`) a tag of an image has now. Throws `version-unknown` with near tags, `source-unreachable`
 * and `authentication-failed`; all requests together have `limit` milliseconds.
 */
export async function digestOf({ image, account }: Image, tag: string, limit: number): Promise<string> {
  const { registry, name } = partsOf(image);
  if (!tagName.test(tag)) {
    throw new Failure(
      'version-unknown',
      `${tag} cannot be a tag of ${image}: a tag has letters, digits, "_", "." and "-" only.`,
    );
  }
  const ask = registryClient({ registry, name, account, limit });
  const path = `${name}/manifests/${tag}`;
  const looked = await ask('HEAD', path, { accept });
  if (looked.status === 404) {
    throw new Failure('version-unknown', `${image} has no tag ${tag}; ${await choiceOf(ask, name, tag)}`);
  }
  if (!looked.ok) throw strange(image, tag, looked);
  const told = Digest.safeParse(looked.headers.get('docker-content-digest'));
  if (told.success) return told.data;
  // The header is optional; what it would say is the hash of what a GET brings.
  const whole = await ask('GET', path, { accept });
  if (!whole.ok) throw strange(image, tag, whole);
  const manifest = Buffer.from(await whole.arrayBuffer());
  if (manifest.length > largestManifest) throw strange(image, tag, whole);
  return `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
}

function partsOf(image: string): { readonly registry: string; readonly name: string } {
  const slash = image.indexOf('/');
  const registry = image.slice(0, slash);
  // Docker Hub is asked at another address than images are named after (https://docs.docker.com/reference/api/registry/latest/).
  return {
    registry: registry === 'docker.io' ? 'registry-1.docker.io' : registry,
    name: image.slice(slash + 1),
  };
}

function strange(image: string, tag: string, { status, statusText }: Response): Failure {
  return new Failure(
    'source-unreachable',
    `The registry answered ${status} ${statusText} when it was asked for ${image}:${tag}. Try again, or look at the registry.`,
  );
}

const Tags = z.object({ tags: z.array(z.string()).nullish() });

/** Helps whoever mistyped; a registry that lists no tags helps nobody, which is no failure. */
async function choiceOf(ask: AskRegistry, name: string, tag: string): Promise<string> {
  const listed = await ask('GET', `${name}/tags/list`).catch(() => undefined);
  const tags = listed?.ok
    ? (Tags.safeParse(await listed.json().catch(() => undefined)).data?.tags ?? [])
    : [];
  return nearNames(tag, tags);
}
