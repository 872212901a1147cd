// An amount as people type it: understood in their language, written out once they leave it, and found fault with only then.
import type { ComponentProps } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Currency } from '../../../../functions/shared/contract/money.ts';
import { language } from '../../words/language.svelte.ts';
import MoneyField from './Money.svelte';

afterEach(async () => {
  await language.choose('en');
});

type Wishes = { currency?: Currency; error?: string; checked?: boolean; optional?: boolean; hint?: string };

async function givenField(wishes: Wishes = {}) {
  const props: ComponentProps<typeof MoneyField> = $state({
    label: 'Amount',
    currency: 'USD',
    text: '',
    read: { problem: 'empty' },
    ...wishes,
  });
  const screen = await render(MoneyField, props);
  return { props, screen, field: screen.getByRole('textbox', { name: /^Amount/ }) };
}

test('in English an amount is typed and written out with points and commas', async () => {
  const { props, field } = await givenField();
  await userEvent.type(field, '1234.5');
  expect(props.read).toEqual({ plain: '1234.5', minor: 123_450n });
  await expect.element(field).toHaveValue('1234.5');
  await userEvent.tab();
  await expect.element(field).toHaveValue('1,234.50');
  expect(props.read).toEqual({ plain: '1234.5', minor: 123_450n });
});

test('in German an amount is typed and written out with commas and points', async () => {
  await language.choose('de');
  const { props, field } = await givenField();
  await userEvent.type(field, '1234,5');
  await userEvent.tab();
  await expect.element(field).toHaveValue('1.234,50');
  expect(props.read).toEqual({ plain: '1234.5', minor: 123_450n });
});

test('yen have no decimals, dinars three', async () => {
  const { props, field } = await givenField({ currency: 'KWD' });
  await userEvent.type(field, '1.5');
  await userEvent.tab();
  await expect.element(field).toHaveValue('1.500');

  props.currency = 'JPY';
  await expect.element(field).toHaveAccessibleDescription('This currency has no decimals.');
});

test('a fault is found only after the field was left, told at the field, and gone as soon as it is', async () => {
  const { field, screen } = await givenField({ hint: '$50.00 available' });
  await userEvent.type(field, '1,5');
  await expect.element(field).not.toHaveAttribute('aria-invalid');
  await expect.element(field).toHaveAccessibleDescription('$50.00 available');

  await userEvent.tab();
  await expect.element(field).toHaveAttribute('aria-invalid', 'true');
  await expect.element(field).toHaveAccessibleDescription('$50.00 available Write the amount like this: $1,234.50');
  await expect.element(field).toHaveValue('1,5');

  await userEvent.fill(field, '15');
  await expect.element(field).not.toHaveAttribute('aria-invalid');
  await expect.element(screen.getByText('Write the amount like this')).not.toBeInTheDocument();
});

test('a field that was only passed through is not found fault with, until the form is checked', async () => {
  const { props, field } = await givenField({ checked: false });
  await field.click();
  await userEvent.tab();
  await expect.element(field).not.toHaveAttribute('aria-invalid');
  props.checked = true;
  await expect.element(field).toHaveAccessibleDescription('Enter an amount.');
});

test('what the bank says comes before what the field finds itself', async () => {
  const { field } = await givenField({ checked: true, error: 'There is not enough money in this account.' });
  await expect.element(field).toHaveAccessibleDescription('There is not enough money in this account.');
});

test('an amount that may be left out says so, and may be left out or zero', async () => {
  const { field, screen } = await givenField({ optional: true, checked: true });
  await expect.element(screen.getByText('(optional)')).toBeVisible();
  await expect.element(field).not.toHaveAttribute('aria-required');
  await userEvent.type(field, '0');
  await userEvent.tab();
  await expect.element(field).not.toHaveAttribute('aria-invalid');
});
