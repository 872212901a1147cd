// A question that has to be answered first: the focus stays inside, Escape leaves it, and the focus goes back.
import { createRawSnippet } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import Dialog from './Dialog.svelte';

const children = createRawSnippet(() => ({
  render: () => '<p><button>Close account</button> <button>Cancel</button></p>',
}));

let opener: HTMLButtonElement;
beforeEach(() => {
  opener = document.body.appendChild(document.createElement('button'));
  opener.textContent = 'Ask';
  opener.focus();
});
afterEach(() => {
  opener.remove();
});

async function givenDialog(locked = false) {
  const props = $state({
    open: false,
    title: 'Close this account?',
    text: 'Its history stays.',
    locked,
    children,
  });
  await render(Dialog, props);
  props.open = true;
  const dialog = page.getByRole('dialog', { name: 'Close this account?' });
  await expect.element(dialog).toBeVisible();
  const focused = () => document.activeElement;
  await expect.poll(() => dialog.element().contains(focused())).toBe(true);
  return { props, dialog, focused };
}

test('it is announced with its question and what it means', async () => {
  const { dialog } = await givenDialog();
  await expect.element(dialog).toHaveAccessibleDescription('Its history stays.');
});

test('Tab goes round inside, in both directions', async () => {
  const { dialog, focused } = await givenDialog();
  const visited = new Set<string>();
  for (let press = 0; press < 7; press += 1) {
    await userEvent.tab({ shift: press > 3 });
    expect(dialog.element().contains(focused())).toBe(true);
    visited.add(focused()?.getAttribute('aria-label') ?? focused()?.textContent ?? '');
  }
  expect(visited).toEqual(new Set(['Close', 'Close account', 'Cancel']));
});

test('Escape closes it, and the focus is where it was', async () => {
  const { props, dialog, focused } = await givenDialog();
  await userEvent.keyboard('{Escape}');
  await expect.element(dialog).not.toBeInTheDocument();
  expect(props.open).toBe(false);
  await expect.poll(focused).toBe(opener);
});

test('its close button closes it, and it can be opened again', async () => {
  const { props, dialog, focused } = await givenDialog();
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();
  await expect.element(dialog).not.toBeInTheDocument();
  await expect.poll(focused).toBe(opener);
  props.open = true;
  await expect.element(dialog).toBeVisible();
});

test('while something is on its way it cannot be left', async () => {
  const { props, dialog } = await givenDialog(true);
  await userEvent.keyboard('{Escape}');
  await expect.element(dialog.getByRole('button', { name: 'Close', exact: true })).toBeDisabled();
  expect(props.open).toBe(true);

  props.locked = false;
  await userEvent.keyboard('{Escape}');
  await expect.element(dialog).not.toBeInTheDocument();
  expect(props.open).toBe(false);
});
