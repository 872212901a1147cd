// Which version a release has to be, and what its notes say.

export type Version = readonly [major: number, minor: number, patch: number];

/** @throws when the text is no version: vMAJOR.MINOR.PATCH, without leading zeros. */
export function parseVersion(tag: string): Version {
  const found = /^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(tag);
  if (found === null) throw new Error(`${tag} is no version: vMAJOR.MINOR.PATCH`);
  return [Number(found[1]), Number(found[2]), Number(found[3])];
}

/**
 * What is wrong with a version after the one before. A break is a new first number; as long as that is 0, a new second one. Steps leave nothing
 * out, and what stands after the number that rises begins at 0.
 */
export function problemOfVersion(previous: string | undefined, tag: string, hasBreaks: boolean): string | undefined {
  const [major, minor, patch] = parseVersion(tag);
  if (previous === undefined) return undefined;
  const [beforeMajor, beforeMinor, beforePatch] = parseVersion(previous);
  const steps: Version[] = [
    [beforeMajor + 1, 0, 0],
    [beforeMajor, beforeMinor + 1, 0],
    [beforeMajor, beforeMinor, beforePatch + 1],
  ];
  const step = steps.findIndex((version) => version.join('.') === [major, minor, patch].join('.'));
  if (step < 0)
    return `${tag} does not follow ${previous}: ${steps.map((version) => `v${version.join('.')}`).join(', ')} would`;
  if (hasBreaks && step > (beforeMajor === 0 ? 1 : 0))
    return `${tag} has breaks that are announced: it is v${(beforeMajor === 0 ? steps[1] : steps[0])?.join('.') ?? ''}`;
  return undefined;
}

export type Commit = { hash: string; subject: string };

/** By area, as subjects name it: `deposit: refuse closed accounts`. Areas and their commits stand in the order in which they were made. */
export function notesOf(commits: readonly Commit[], breaks: readonly string[]): string {
  const areas = new Map<string, string[]>();
  for (const { hash, subject } of commits) {
    const [, area = 'more', text = subject] = /^([\w ,/-]{1,40}): (.+)$/.exec(subject) ?? [];
    areas.set(area, [...(areas.get(area) ?? []), `- ${text} (${hash.slice(0, 9)})`]);
  }
  const broken = breaks.length === 0 ? [] : ['## What breaks', '', ...breaks.map((line) => `- ${line}`), ''];
  const parts = [...areas].flatMap(([area, lines]) => [`## ${area}`, '', ...lines, '']);
  return [...broken, ...parts].join('\n');
}
