// A day, typed part by part in the order of the reader's language, or chosen from a calendar, with the keyboard alone.
import { afterEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { language } from '../../words/language.svelte.ts';
import DateField from './Date.svelte';

afterEach(async () => {
  await language.choose('en');
});

async function givenField(value = '', more: { max?: string; error?: string } = {}) {
  let changes = 0;
  const props = $state({ label: 'From', value, onchange: () => (changes += 1), ...more });
  const screen = await render(DateField, props);
  const parts = (): string[] =>
    screen
      .getByRole('spinbutton')
      .elements()
      .map((part) => part.textContent.trim());
  return {
    props,
    screen,
    parts,
    changes: () => changes,
    calendar: page.getByRole('dialog', { name: /Choose a date|Datum auswählen/ }),
  };
}

test('in English the month comes first, in German the day', async () => {
  const english = await givenField('2026-11-25');
  await expect.poll(english.parts).toEqual(['11', '25', '2026']);
  await english.screen.unmount();

  await language.choose('de');
  const german = await givenField('2026-11-25');
  await expect.poll(german.parts).toEqual(['25', '11', '2026']);
});

test('digits alone type a day: each part goes on to the next when it is full', async () => {
  const { props, changes } = await givenField();
  await userEvent.tab();
  await userEvent.keyboard('11252026');
  await expect.poll(() => props.value).toBe('2026-11-25');
  expect(changes()).toBeGreaterThan(0);
});

test('a day that is typed digit by digit is one change, and never one of the year 2', async () => {
  const { props, changes, parts } = await givenField('2025-01-31');
  const seen = new Set<string>();
  const watch = setInterval(() => seen.add(props.value), 5);
  await userEvent.tab();
  for (const digit of '11252026') {
    await userEvent.keyboard(digit);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await expect.poll(() => props.value).toBe('2026-11-25');
  clearInterval(watch);
  expect([...seen]).toEqual(['2025-01-31', '2026-11-25'].slice(0, seen.size));
  expect(changes()).toBe(1);
  expect(parts()).toEqual(['11', '25', '2026']);
});

test('a year that is not finished is no day, however long it stands there', async () => {
  const { props, changes, parts } = await givenField('2025-01-31');
  await userEvent.tab();
  await userEvent.keyboard('1125202');
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect([props.value, changes()]).toEqual(['2025-01-31', 0]);
  await userEvent.keyboard('6');
  await expect.poll(() => props.value).toBe('2026-11-25');
  expect([changes(), parts()]).toEqual([1, ['11', '25', '2026']]);
});

test('a day chosen from outside takes the place of one half typed', async () => {
  const { props, parts } = await givenField('2025-01-31');
  await userEvent.tab();
  await userEvent.keyboard('1125202');
  props.value = '2026-10-01';
  await expect.poll(parts).toEqual(['10', '01', '2026']);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(props.value).toBe('2026-10-01');
});

test('in German digits are typed in the German order', async () => {
  await language.choose('de');
  const { props } = await givenField();
  await userEvent.tab();
  await userEvent.keyboard('25112026');
  await expect.poll(() => props.value).toBe('2026-11-25');
});

test('arrows count the part that has the focus up and down', async () => {
  const { props } = await givenField('2026-11-25');
  await userEvent.tab();
  await userEvent.keyboard('{ArrowUp}{ArrowRight}{ArrowDown}');
  await expect.poll(() => props.value).toBe('2026-12-24');
});

test('the calendar opens, moves, chooses and closes by keys, and gives the focus back', async () => {
  const { props, screen, calendar } = await givenField('2026-11-25');
  const trigger = screen.getByRole('button', { name: 'Choose a date' });
  (trigger.element() as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
  await expect.element(calendar).toBeVisible();
  await expect.element(calendar.getByText('November 2026').last()).toBeVisible();
  await expect.poll(() => document.activeElement?.textContent.trim()).toBe('25');

  await userEvent.keyboard('{ArrowRight}{ArrowDown}');
  await userEvent.keyboard('{Enter}');
  await expect.poll(() => props.value).toBe('2026-12-03');
  await expect.element(calendar).not.toBeInTheDocument();

  (trigger.element() as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
  await expect.element(calendar).toBeVisible();
  await userEvent.keyboard('{Escape}');
  await expect.element(calendar).not.toBeInTheDocument();
  await expect.element(trigger).toHaveFocus();
});

test('the parts and the calendar speak the language of the page', async () => {
  await language.choose('de');
  const { screen, calendar } = await givenField('2026-03-05');
  await expect.element(screen.getByRole('spinbutton', { name: 'Monat, From' })).toHaveAttribute('aria-valuetext', '03');
  await screen.getByRole('button', { name: 'Datum auswählen' }).click();
  await expect.element(calendar.getByText('März 2026').last()).toBeVisible();
  await expect.element(calendar.getByRole('button', { name: 'Donnerstag, 5. März 2026' })).toBeVisible();
  await calendar.getByRole('button', { name: 'Nächster Monat' }).click();
  await expect.element(calendar.getByText('April 2026').last()).toBeVisible();
  await calendar.getByRole('button', { name: 'Voriger Monat' }).click();
  await expect.element(calendar.getByText('März 2026').last()).toBeVisible();
});

test('days after the last possible one cannot be chosen', async () => {
  const { props, screen, calendar } = await givenField('2026-11-25', { max: '2026-11-26' });
  await screen.getByRole('button', { name: 'Choose a date' }).click();
  const day = (name: string) => calendar.getByRole('button', { name });
  await expect.element(day('Friday, November 27, 2026')).toHaveAttribute('aria-disabled', 'true');
  await day('Thursday, November 26, 2026').click();
  await expect.poll(() => props.value).toBe('2026-11-26');
});

test('what is wrong with the day is read out with its parts', async () => {
  const { screen } = await givenField('2026-11-25', { error: 'The period ends before it begins.' });
  await expect
    .element(screen.getByRole('group', { name: 'From' }))
    .toHaveAccessibleDescription('The period ends before it begins.');
});
