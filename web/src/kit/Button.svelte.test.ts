// A button as people press it, with pointer and keyboard, also while something is on its way.
import { createRawSnippet } from 'svelte';
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import Button from './Button.svelte';

const children = createRawSnippet(() => ({ render: () => '<span>Send</span>' }));

test('a busy button says so, keeps the focus, and takes no second press', async () => {
  let presses = 0;
  const props = $state({ children, busy: false, onclick: () => (presses += 1) });
  const screen = await render(Button, props);
  const button = screen.getByRole('button', { name: 'Send' });
  await button.click();
  expect(presses).toBe(1);

  props.busy = true;
  await expect.element(button).toHaveAttribute('aria-busy', 'true');
  await expect.element(button).toHaveAttribute('aria-disabled', 'true');
  await expect.element(button).toHaveFocus();
  await userEvent.keyboard('{Enter} ');
  (button.element() as HTMLButtonElement).click();
  expect(presses).toBe(1);

  props.busy = false;
  await expect.element(button).not.toHaveAttribute('aria-busy');
  await userEvent.keyboard('{Enter}');
  expect(presses).toBe(2);
});

test('a busy submit button does not send its form again', async () => {
  const form = document.body.appendChild(document.createElement('form'));
  let sent = 0;
  form.onsubmit = (event) => {
    event.preventDefault();
    sent += 1;
  };
  const props = $state({ children, type: 'submit' as const, busy: false });
  const screen = await render(Button, { target: form, props });
  const button = screen.getByRole('button', { name: 'Send' });
  await button.click();
  expect(sent).toBe(1);

  props.busy = true;
  await expect.element(button).toHaveAttribute('aria-busy', 'true');
  await userEvent.keyboard('{Enter}');
  expect(sent).toBe(1);
  form.remove();
});

test('with an address it is a link', async () => {
  const screen = await render(Button, { children, href: '/accounts/new' });
  await expect.element(screen.getByRole('link', { name: 'Send' })).toHaveAttribute('href', '/accounts/new');
});
