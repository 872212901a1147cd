// A version says what it is after the one before, and its notes what came to it.
import { expect, test } from 'vitest';
import { joinReports } from '../reports.ts';
import { notesOf, parseVersion, problemOfVersion } from './version.ts';

test.each<[previous: string | undefined, tag: string, hasBreaks: boolean, problem: string | undefined]>([
  [undefined, 'v0.1.0', true, undefined],
  ['v0.1.0', 'v0.1.1', false, undefined],
  ['v0.1.0', 'v0.2.0', true, undefined],
  ['v1.2.3', 'v1.3.0', false, undefined],
  ['v1.2.3', 'v2.0.0', true, undefined],
  ['v0.1.0', 'v0.1.1', true, 'v0.1.1 has breaks that are announced: it is v0.2.0'],
  ['v1.2.3', 'v1.3.0', true, 'v1.3.0 has breaks that are announced: it is v2.0.0'],
  ['v1.2.3', 'v1.2.5', false, 'v1.2.5 does not follow v1.2.3: v2.0.0, v1.3.0, v1.2.4 would'],
  ['v1.2.3', 'v1.3.1', false, 'v1.3.1 does not follow v1.2.3: v2.0.0, v1.3.0, v1.2.4 would'],
  ['v1.2.3', 'v1.2.3', false, 'v1.2.3 does not follow v1.2.3: v2.0.0, v1.3.0, v1.2.4 would'],
])('after %s comes %s (breaks: %s): %s', (previous, tag, hasBreaks, problem) => {
  expect(problemOfVersion(previous, tag, hasBreaks)).toBe(problem);
});

test.each(['1.2.3', 'v1.2', 'v01.2.3', 'v1.2.3-rc.1', 'v1.2.3; rm'])('%s is no version', (tag) => {
  expect(() => parseVersion(tag)).toThrow('is no version');
});

test('notes go by area, and begin with what breaks', () => {
  const commits = ['deposit: refuse closed accounts', 'web: show it', 'deposit: say why', 'Merge it'].map(
    (subject, i) => ({
      hash: String(i).repeat(40),
      subject,
    }),
  );
  expect(notesOf(commits, ['GET /users: is gone # Replaced.'])).toBe(`## What breaks

- GET /users: is gone # Replaced.

## deposit

- refuse closed accounts (000000000)
- say why (222222222)

## web

- show it (111111111)

## more

- Merge it (333333333)
`);
});

test('scans of a push are one report, whose places say in which image', () => {
  const report = (uri: string) => ({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Trivy', rules: [{ id: 'CVE-1' }] } },
        results: [{ ruleId: 'CVE-1', ruleIndex: 0, locations: [{ physicalLocation: { artifactLocation: { uri } } }] }],
      },
    ],
  });
  const joined = joinReports({ 'deposit-amd64': report('bin/node'), 'edge-arm64': report('sbin/nginx') });
  expect(joined.runs).toHaveLength(1);
  expect(joined.runs[0]?.tool.driver.rules).toEqual([{ id: 'CVE-1' }]);
  expect(
    joined.runs[0]?.results?.map(({ locations }) => locations?.[0]?.physicalLocation?.artifactLocation?.uri),
  ).toEqual(['deposit-amd64/bin/node', 'edge-arm64/sbin/nginx']);
  expect(JSON.stringify(joined)).not.toContain('ruleIndex');
});
