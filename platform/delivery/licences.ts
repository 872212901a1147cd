// Which licences packages may have: permissive ones, and a few others by name, each for a reason.

export type LockedPackage = { version?: string; license?: string; integrity?: string; resolved?: string };

const permissive = [
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
];

/** With a `licence`, as long as it has that one and no other. */
const exceptions: { name: RegExp; licence: string; why: string }[] = [
  { name: /^(@axe-core\/playwright|axe-core)$/, licence: 'MPL-2.0', why: 'tests only; nothing of it is published' },
  { name: /^lightningcss(-[\w-]+)?$/, licence: 'MPL-2.0', why: 'builds only; nothing of it is published' },
  { name: /^argparse$/, licence: 'Python-2.0', why: 'permissive; linters bring it, and nothing of it is published' },
  { name: /^@fontsource-variable\/inter$/, licence: 'OFL-1.1', why: 'a font that may be served as it is' },
  {
    name: /^spdx-exceptions$/,
    licence: 'CC-BY-3.0',
    why: 'a list of names that a reader of package.json brings with it',
  },
  {
    name: /^svelte-toolbelt$/,
    licence: 'none said',
    why: 'its file LICENSE is MIT; its package.json forgot to say so',
  },
];

/** By path in package-lock.json; one line per package that does not fit. */
export function findLicenceProblems(packages: Readonly<Record<string, LockedPackage>>): string[] {
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .flatMap(([path, { version = '', license = 'none said' }]) => {
      const name = path.replace(/^.*node_modules\//, '');
      const isException = exceptions.some((of) => of.name.test(name) && of.licence === license);
      return isException || isPermissive(license) ? [] : [`${name} ${version}: ${license}`];
    });
}

/** An SPDX expression without nesting: of alternatives one has to fit, of what holds together all. */
function isPermissive(expression: string): boolean {
  const fits = (part: string) =>
    part.split(' AND ').every((one) => permissive.includes(one.replaceAll(/[()]/g, '').trim()));
  return expression.split(' OR ').some(fits);
}
