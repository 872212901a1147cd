// A password that its owner may look at, and that password managers recognise.
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import PasswordField from './Password.svelte';

async function givenField(error?: string) {
  const props = $state({
    label: 'Password',
    value: '',
    autocomplete: 'new-password' as const,
    hint: '15 at least',
    error,
  });
  const screen = await render(PasswordField, props);
  return { props, screen, field: screen.getByLabelText('Password', { exact: true }) };
}

test('what is typed is hidden, shown on request and hidden again, and stays as it is', async () => {
  const { props, screen, field } = await givenField();
  await userEvent.type(field, 'correct horse');
  await expect.element(field).toHaveAttribute('type', 'password');

  await screen.getByRole('button', { name: 'Show password' }).click();
  await expect.element(field).toHaveAttribute('type', 'text');
  await expect.element(field).toHaveValue('correct horse');

  const hide = screen.getByRole('button', { name: 'Hide password' });
  await expect.element(hide).toHaveAttribute('aria-pressed', 'true');
  await hide.click();
  await expect.element(field).toHaveAttribute('type', 'password');
  expect(props.value).toBe('correct horse');
});

test('the keyboard alone shows it, without leaving the form', async () => {
  const { screen, field } = await givenField();
  await field.click();
  await userEvent.tab();
  await expect.element(screen.getByRole('button', { name: 'Show password' })).toHaveFocus();
  await userEvent.keyboard(' ');
  await expect.element(field).toHaveAttribute('type', 'text');
});

test('managers know what to fill in, and nothing corrects what is typed', async () => {
  const { field } = await givenField();
  await expect.element(field).toHaveAttribute('autocomplete', 'new-password');
  await expect.element(field).toHaveAttribute('spellcheck', 'false');
  await expect.element(field).toHaveAttribute('aria-required', 'true');
});

test('hint and error are read out with the field', async () => {
  const { field } = await givenField('This password is too easy to guess.');
  await expect.element(field).toHaveAccessibleDescription('15 at least This password is too easy to guess.');
  await expect.element(field).toHaveAttribute('aria-invalid', 'true');
});
