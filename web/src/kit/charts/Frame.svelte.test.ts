// A chart's numbers as a table, for whoever prefers to read them or cannot see the chart.
import { createRawSnippet } from 'svelte';
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Total } from '../../../../functions/shared/contract/money.ts';
import { formatMoney } from '../../words/format.ts';
import ChartFrame from './Frame.svelte';

const children = createRawSnippet(() => ({ render: () => '<svg role="img" aria-label="the chart"></svg>' }));
const days = ['2026-11-23', '2026-11-24', '2026-11-25'];
const series = (name: string, values: (Total | null)[]) => ({
  name,
  color: 'var(--chart-1)',
  points: values.map((value, index) => ({ at: new Date(days[index] ?? ''), value })),
});

async function givenChart() {
  const screen = await render(ChartFrame, {
    title: 'In and out',
    series: [series('In', [1, 2, null]), series('Out', [10, 20, 30])],
    pointLabel: 'Date',
    formatPoint: (at: Date) => at.toISOString().slice(0, 10),
    formatValue: (value: Total) => `$${value}`,
    children,
  });
  return { screen, show: screen.getByRole('button', { name: 'Show as table' }) };
}

test('the table has every value of every series, the newest first, and a dash where there is none', async () => {
  const { screen, show } = await givenChart();
  await show.click();
  const rows = screen
    .getByRole('row')
    .elements()
    .map((row) => [...row.children].map((cell) => cell.textContent.trim()));
  expect(rows).toEqual([
    ['Date', 'In', 'Out'],
    ['2026-11-25', '–', '$30'],
    ['2026-11-24', '$2', '$20'],
    ['2026-11-23', '$1', '$10'],
  ]);
  await expect.element(screen.getByRole('rowheader', { name: '2026-11-24' })).toBeVisible();
  await expect.element(screen.getByRole('columnheader', { name: 'Out' })).toBeVisible();
});

test('a value that is drawn as near as pixels are is told to the last digit', async () => {
  const screen = await render(ChartFrame, {
    title: 'Balance',
    series: [series('Balance', ['90071992547409.93'])],
    pointLabel: 'Date',
    formatPoint: (at: Date) => at.toISOString().slice(0, 10),
    formatValue: (value: Total) => formatMoney(value, 'USD', 'en-US'),
    children,
  });
  await screen.getByRole('button', { name: 'Show as table' }).click();
  await expect.element(screen.getByRole('cell', { name: '$90,071,992,547,409.93' })).toBeVisible();
});

test('the table takes the place of the chart, and gives it back', async () => {
  const { screen, show } = await givenChart();
  const chart = screen.getByRole('img', { name: 'the chart' });
  await expect.element(chart).toBeVisible();
  await show.click();
  await expect.element(chart).not.toBeInTheDocument();
  await screen.getByRole('button', { name: 'Hide table' }).click();
  await expect.element(chart).toBeVisible();
});

test('the keyboard alone reaches the table, which has the name of the chart and scrolls', async () => {
  const { screen, show } = await givenChart();
  await userEvent.tab();
  await expect.element(show).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  await userEvent.tab();
  await expect.element(screen.getByRole('region', { name: 'In and out' })).toHaveFocus();
});

test('the chart has its title, and a legend where there is more than one series', async () => {
  const { screen } = await givenChart();
  await expect.element(screen.getByRole('figure', { name: 'In and out' })).toBeVisible();
  expect(
    screen
      .getByRole('listitem')
      .elements()
      .map((item) => item.textContent.trim()),
  ).toEqual(['In', 'Out']);
});
