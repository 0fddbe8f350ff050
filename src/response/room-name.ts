/** https://docs.slack.dev/reference/methods/conversations.create, "Naming". */
const longest = 80;

/** The name of an incident's channel: `inc-12-the-title`, of lower-case letters, digits and hyphens, at most 80 characters. */
export function roomName(prefix: string, number: number, title: string): string {
  return clipped([prefix, String(number), slug(title)].filter((part) => part !== '').join('-'), longest);
}

/** The name to try when others are taken, such as `inc-12-the-title-2`; `attempt` counts from 1. */
export function nextName(name: string, attempt: number): string {
  if (attempt === 1) return name;
  const suffix = `-${attempt}`;
  return `${clipped(name, longest - suffix.length)}${suffix}`;
}

/** Letters of other scripts have no place in every client's list of channels, so only what can be written in ASCII stays. */
function slug(title: string): string {
  return title
    .slice(0, 600)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

function clipped(name: string, limit: number): string {
  return name.slice(0, limit).replace(/-+$/, '');
}
