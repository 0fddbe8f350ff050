import { suggestion } from '../nearest.ts';

/** Enough names to choose from; all of them would fill the screen. */
const mostNames = 8;

/** What was probably meant by a version that is not there, the newest tags first, or else what there is; ends a sentence. */
export function nearNames(
  version: string,
  tags: readonly string[],
  branches: readonly string[] = [],
): string {
  if (tags.length + branches.length === 0) return 'there is none yet.';
  // Of tags that are equally near the newest is the likeliest.
  const newest = [...tags].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const alike = newest.filter((tag) => tag.includes(version.replace(/^v/, ''))).slice(0, mostNames);
  if (alike.length > 0) return `did you mean ${alike.join(', ')}?`;
  const near = suggestion(version, [...newest, ...branches]);
  if (near.startsWith('did')) return near;
  const listed = (names: readonly string[]) => names.slice(0, mostNames).join(', ');
  return [
    newest.length > 0 ? `the newest tags are ${listed(newest)}` : 'there are no tags',
    ...(branches.length > 0 ? [`there are the branches ${listed(branches)}`] : []),
  ]
    .join('; ')
    .concat('.');
}
