// What Grafana is given: every property is one that it publishes, and what its own linter for dashboards asks for holds.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { dashboards } from '../dashboards/all.ts';
import { toGrafana } from '../dashboards/to-grafana.ts';
import { schemaFaults } from './grafana-schema.ts';

type Panel = {
  id?: number;
  type: string;
  title?: string;
  description?: string;
  datasource?: { type: string; uid: string };
  fieldConfig?: { defaults: { unit?: string } };
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; legendFormat: string; datasource: { type: string; uid: string } }[];
};
type Written = {
  uid: string;
  title: string;
  templating: { list: { name: string; type: string; query: string; hide?: number }[] };
  panels: Panel[];
};
const written = await Promise.all(
  dashboards.map(async ({ uid }) => {
    const file = new URL(`../dashboards/json/${uid}.json`, import.meta.url);
    return JSON.parse(await readFile(file, 'utf8')) as Written;
  }),
);

test("all dashboards keep Grafana's published schema, and what does not is found", { timeout: 120_000 }, () => {
  const [first] = dashboards;
  const made = JSON.parse(JSON.stringify(toGrafana(first!))) as Record<string, unknown> & { panels: object[] };
  const panel = made.panels[1] as { options: { legend: object }; fieldConfig: object };
  const withPanel = (change: object) => ({ ...made, panels: [{ ...panel, ...change }] });
  const wrong = [
    { ...made, tilte: 'x' },
    withPanel({ descripton: 'x' }),
    withPanel({ options: { ...panel.options, legend: { ...panel.options.legend, placement: 'under' } } }),
    withPanel({ targets: [{ refId: 'A', expression: 'up' }] }),
  ];
  expect(schemaFaults(written)).toEqual([]);
  expect(schemaFaults(wrong).map((fault) => /^"(\w+)/.exec(fault)?.[1])).toEqual([
    ...['tilte', 'descripton', 'placement', 'expression'],
  ]);
});

/** By the rules of github.com/grafana/dashboard-linter that concern dashboards of one Prometheus. */
test.each(written)('$title can be read in any Grafana', ({ uid, templating, panels }) => {
  expect(uid).toMatch(/^[a-z-]{1,40}$/);
  expect(templating.list).toEqual([
    expect.objectContaining({ name: 'datasource', type: 'datasource', query: 'prometheus' }),
  ]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(panels.every(({ id }) => Number.isInteger(id) && (id as number) > 0)).toBe(true);
  for (const panel of panels.filter(({ type }) => type !== 'row')) {
    const { title = '', description = '', datasource, fieldConfig, targets = [] } = panel;
    expect([title, title !== '', description !== '', fieldConfig?.defaults.unit ?? '']).toEqual([
      ...[title, true, true],
      expect.stringMatching(/^\w+$/),
    ]);
    for (const asked of [datasource, ...targets.map((target) => target.datasource)])
      expect(asked).toEqual({ type: 'prometheus', uid: '${datasource}' });
    expect(targets.length).toBeGreaterThan(0);
    for (const { expr, legendFormat } of targets) {
      expect(expr.trim()).not.toBe('');
      expect(legendFormat).not.toBe('');
      // The original's panel, which says what it adds up. Every other counter is read through what allows for copies that go.
      if (title === 'Total Requests') continue;
      for (const [counter] of expr.matchAll(/\b\w+_total\b/g))
        expect(expr).toMatch(new RegExp(`(rate|increase)\\((?:sum by [^(]*\\()?${counter}[{[]`));
    }
  }
});

test('no two panels of a dashboard lie on each other, and none goes over the edge', () => {
  for (const { panels } of written) {
    const taken = new Set<string>();
    for (const { gridPos, title } of panels) {
      expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x},${y}`), title).toBe(false);
          taken.add(`${x},${y}`);
        }
    }
  }
});
