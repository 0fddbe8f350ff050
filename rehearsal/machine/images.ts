import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stateIn } from './played-root.ts';
import { readLines, writeLines } from './program.ts';

export interface Image {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly size: number;
  readonly created: string;
}

/** What a host has of images. */
export interface Images {
  readonly images: readonly Image[];
  /** What each name with its tag stands for, by id. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The images that a host has. */
export function readImages(root: string): Images {
  const lines = readLines(stateIn(root, 'docker'));
  const [images, tags] = [
    lines.filter(([kind]) => kind === 'image'),
    lines.filter(([kind]) => kind === 'tag'),
  ];
  return {
    images: images.map(([, id = '', size = '', created = '', ...labels]) => ({
      id,
      size: Number(size),
      created,
      labels: Object.fromEntries(labels.map((label) => label.split('=', 2).map(decodeURIComponent))),
    })),
    tags: Object.fromEntries(tags.map(([, name = '', id = '']) => [name, id])),
  };
}

export function keepImages(root: string, { images, tags }: Images): void {
  writeLines(stateIn(root, 'docker'), [
    ...images.map(({ id, size, created, labels }) => [
      ...['image', id, size, created],
      ...Object.entries(labels).map((pair) => pair.map(encodeURIComponent).join('=')),
    ]),
    ...Object.entries(tags).map(([name, id]) => ['tag', name, id]),
  ]);
}

/** The image that a reference means: a name with its tag, or an id. */
export function imageOf({ images, tags }: Images, reference: string): Image | undefined {
  const id = tags[reference] ?? reference;
  return images.find((image) => image.id === id);
}

/** An image of a folder: the same files and labels are the same image, as a build from the cache would give. */
export function imageFrom(folder: string, labels: Readonly<Record<string, string>>): Image {
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(labels).sort()));
  let size = 0;
  for (const file of filesIn(folder)) {
    const content = readFileSync(file);
    size += content.length;
    hash.update(`${relative(folder, file)}\0${content.length}\0`).update(content);
  }
  const created = new Date().toISOString();
  return { id: `sha256:${hash.digest('hex')}`, labels: { ...labels }, size, created };
}

/** Everything but what git keeps for itself, in the same order everywhere. */
function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.name !== '.git');
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}
