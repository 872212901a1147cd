// One of a few, chosen with the keyboard or a click, and known to screen readers as a group of radio buttons.
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import Choice from './Choice.svelte';

async function givenChoice() {
  const told: string[] = [];
  const props = $state({
    label: 'Appearance',
    value: 'system',
    options: [
      { value: 'system', text: 'System' },
      { value: 'light', text: 'Light', hint: 'For the day' },
      { value: 'dark', text: 'Dark' },
    ],
    onchange: (value: string) => told.push(value),
  });
  const screen = await render(Choice, props);
  return { props, screen, told, option: (name: string | RegExp) => screen.getByRole('radio', { name }) };
}

test('the group has its label, the options their texts and hints', async () => {
  const { screen, option } = await givenChoice();
  await expect.element(screen.getByRole('group', { name: 'Appearance' })).toBeVisible();
  await expect.element(option('System')).toBeChecked();
  await expect.element(option('Light For the day')).not.toBeChecked();
});

test('one press of Tab reaches the chosen option, arrows choose another, also around the end', async () => {
  const { props, told, option } = await givenChoice();
  await userEvent.tab();
  await expect.element(option('System')).toHaveFocus();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(option(/Light/)).toBeChecked();
  await userEvent.keyboard('{ArrowLeft}{ArrowLeft}');
  await expect.element(option('Dark')).toBeChecked();
  expect(props.value).toBe('dark');
  expect(told).toEqual(['light', 'system', 'dark']);
});

test('a click chooses', async () => {
  const { props, option } = await givenChoice();
  await option('Dark').click();
  expect(props.value).toBe('dark');
});

test('where the focus is can be seen', async () => {
  const { screen } = await givenChoice();
  const label = screen.getByText('System').element().closest('label');
  const outline = (): string => getComputedStyle(label as HTMLElement).outlineStyle;
  expect(outline()).toBe('none');
  await userEvent.tab();
  await expect.poll(outline).toBe('solid');
});
