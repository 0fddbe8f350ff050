import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Image, imageFrom, imageOf, keepImages, readImages } from '../images.ts';
import { offers } from '../packages.ts';
import { type Ending, NotPlayed, rootOfHost, runProgram, wordsOf } from '../program.ts';

const root = rootOfHost();
const version = (offers['docker.io']?.version ?? '').replace(/-.*$/, '');

/** docker(1): the engine's version, and images that are built from a folder, looked at, named and removed. It runs no containers. */
await runProgram('docker', ([first = '', ...words]) => {
  if (first === 'version') return told(words);
  if (first === 'build') return build(words);
  const [second = '', ...rest] = words;
  if (first === 'container' && second === 'inspect') return { code: 1, error: 'Error: No such container' };
  if (first !== 'image') throw new NotPlayed('anything but versions and images');
  if (second === 'inspect') return inspect(rest);
  if (second === 'rm') return remove(rest);
  if (second === 'tag') return tag(rest);
  throw new NotPlayed(`docker image ${second}`);
});

function told(all: readonly string[]): Ending {
  const format = wordsOf(all, { options: ['--format'] }).value('--format');
  if (format === '{{.Server.Version}}') return { out: `${version}\n` };
  if (format !== '{{json .}}') throw new NotPlayed('this format');
  return { out: `${JSON.stringify({ Client: { Version: version }, Server: { Version: version } })}\n` };
}

function inspect(all: readonly string[]): Ending {
  const words = wordsOf(all, { options: ['--format'] });
  const [reference = '', ...more] = words.others;
  if (more.length > 0) throw new NotPlayed('more than one image');
  const image = imageOf(readImages(root), reference);
  if (!image) return { code: 1, out: '\n', error: `Error: No such image: ${reference}` };
  return { out: `${filled(words.value('--format') ?? '{{.Id}}', image)}\n` };
}

function filled(format: string, { id, labels, size, created }: Image): string {
  const known: Readonly<Record<string, unknown>> = {
    '.Id': id,
    '.RepoDigests': [],
    '.Config.Labels': labels,
    '.Size': size,
    '.Created': created,
  };
  return format.replace(/\{\{(json )?(\.[A-Za-z.]+)\}\}/g, (_, json: string | undefined, field: string) => {
    const value = known[field];
    if (value === undefined) throw new NotPlayed(`the field ${field}`);
    return json === undefined ? String(value) : JSON.stringify(value);
  });
}

/** As the engine, it refuses a folder without a Dockerfile that begins with FROM; the steps in it are not run. */
function build(all: readonly string[]): Ending {
  const words = wordsOf(all, { options: ['--file', '--tag', '--label', '--build-arg'] });
  const [file, name] = [words.value('--file') ?? 'Dockerfile', words.value('--tag')];
  if (words.others.join(' ') !== '.' || name === undefined) throw new NotPlayed('these words');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (!/^FROM \S+/.test(lines[0] ?? '')) {
    return { code: 1, error: `Error response from daemon: no build stage in current context: ${file}` };
  }
  const labels = words
    .values('--label')
    .map((label) => [label.split('=', 1)[0] ?? '', label.replace(/^[^=]*=/, '')]);
  const image = imageFrom(resolve('.'), Object.fromEntries(labels));
  const { images, tags } = readImages(root);
  const kept = images.filter(({ id }) => id !== image.id);
  keepImages(root, { images: [...kept, image], tags: { ...tags, [name]: image.id } });
  const steps = lines.map((line, at) => `Step ${at + 1}/${lines.length} : ${line}\n`);
  return {
    out: `${steps.join('')}Successfully built ${image.id.slice(7, 19)}\nSuccessfully tagged ${name}\n`,
  };
}

function remove(all: readonly string[]): Ending {
  const [name = '', ...more] = wordsOf(all, { flags: ['--no-prune'] }).others;
  if (more.length > 0) throw new NotPlayed('more than one image');
  const { images, tags } = readImages(root);
  const { [name]: id, ...left } = tags;
  if (id === undefined) return { code: 1, error: `Error: No such image: ${name}` };
  const isUsed = Object.values(left).includes(id);
  keepImages(root, { images: isUsed ? images : images.filter((image) => image.id !== id), tags: left });
  return { out: `Untagged: ${name}\n` };
}

function tag(all: readonly string[]): Ending {
  const [reference = '', name, ...more] = wordsOf(all, {}).others;
  if (name === undefined || more.length > 0) throw new NotPlayed('these words');
  const state = readImages(root);
  const image = imageOf(state, reference);
  if (!image) return { code: 1, error: `Error: No such image: ${reference}` };
  keepImages(root, { ...state, tags: { ...state.tags, [name]: image.id } });
  return {};
}
