// Short messages: heard by screen readers, gone by themselves, and for as long as it takes when they are errors.
import { afterEach, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { toasts } from './toasts.svelte.ts';
import Toasts from './Toasts.svelte';

afterEach(() => {
  vi.useRealTimers();
  for (const { id } of toasts.list) toasts.remove(id);
});

async function givenToasts() {
  const screen = await render(Toasts);
  // Screen readers announce only what changes in a region that they know already.
  const region = screen.container.querySelector('[aria-live]');
  return { screen, region: region as HTMLElement, texts: () => region?.textContent.replace(/\s+/g, ' ').trim() };
}

test('the region is there before its first message, and waits for the end of a sentence', async () => {
  const { screen, region } = await givenToasts();
  expect(region.getAttribute('aria-live')).toBe('polite');
  toasts.add({ kind: 'success', text: 'Your account is open.' });
  await expect.element(screen.getByText('Your account is open.')).toBeVisible();
  expect(region.contains(screen.getByText('Your account is open.').element())).toBe(true);
});

test('a message is dismissed by its button, and by following its link', async () => {
  const { screen, texts } = await givenToasts();
  toasts.add({ kind: 'error', text: 'It did not work.' });
  await screen.getByRole('button', { name: 'Dismiss' }).click();
  await expect.poll(texts).toBe('');

  toasts.add({ kind: 'success', text: 'Deposit done.', href: '#receipt', linkText: 'Receipt' });
  await screen.getByRole('link', { name: 'Receipt' }).click();
  await expect.poll(texts).toBe('');
});

test('good news go after seven seconds, errors stay', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { texts } = await givenToasts();
  toasts.add({ kind: 'success', text: 'Deposit done.' });
  toasts.add({ kind: 'error', text: 'Transfer refused.' });
  vi.advanceTimersByTime(6_900);
  expect(toasts.list).toHaveLength(2);
  vi.advanceTimersByTime(200);
  vi.useRealTimers();
  await expect.poll(texts).toBe('Transfer refused.');
});

test('more than four at once are not shown: the oldest goes', async () => {
  const { texts } = await givenToasts();
  for (const text of ['one', 'two', 'three', 'four', 'five']) toasts.add({ kind: 'error', text });
  await expect.poll(texts).toBe('two three four five');
});
