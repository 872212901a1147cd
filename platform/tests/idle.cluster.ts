// Nothing runs when nothing happens: with a browser tab open and hidden, every function is at zero within the time that is configured.
import { chromium } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { launchOptions } from '../../web/tests/testing/chromium.ts';
import { mustCreate } from '../traffic/customers.ts';
import { atZero, copies, findBank, type TestedBank } from './testing/bank.ts';
import { note } from './testing/figures.ts';
import { kubectl, list } from './testing/kubectl.ts';

/** A page closes its stream when it has been hidden for so long (web/src/app/live.svelte.ts). */
const hiddenSecondsMax = 30;
/** The autoscaler looks every 2 s, and a busy cluster takes its time. */
const toleranceSeconds = 20;

test('a hidden tab lets every function go to zero in time; shown again, it is live again', async () => {
  const bank = await findBank();
  const person = await givenCustomer(bank);
  const browser = await chromium.launch(launchOptions);
  try {
    const page = await browser.newPage({ baseURL: bank.url, locale: 'en-US' });
    page.setDefaultTimeout(90_000);
    await page.goto('/');
    await page.getByLabel('E-mail address').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const state = page.getByRole('banner').getByRole('status');
    await state.filter({ hasText: /^Live$/ }).waitFor();
    expect((await copies('read-notifications')).get('read-notifications')).toBeGreaterThan(0);

    const limit = hiddenSecondsMax + (await configuredSeconds()) + toleranceSeconds;
    await show(false);
    const taken = await atZero(limit * 1_000);
    await note(
      'idle',
      `all at zero with a hidden tab (configured: ${limit - toleranceSeconds} s)`,
      `${taken.toFixed(0)} s`,
    );

    const began = performance.now();
    const stream = page.waitForResponse((response) => response.url().includes('/notifications/stream'));
    await show(true);
    expect((await stream).status()).toBe(200);
    await note('idle', 'the tab is live again', `${((performance.now() - began) / 1_000).toFixed(1)} s`);

    // A headless browser shows every tab that it has, so the page is told what it would see of another tab in front.
    async function show(isShown: boolean): Promise<void> {
      const visibility = isShown ? 'visible' : 'hidden';
      await page.evaluate(`
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${visibility}' });
        document.dispatchEvent(new Event('visibilitychange'));
      `);
    }
  } finally {
    await browser.close();
  }
});

async function givenCustomer({ api, teller }: TestedBank): Promise<{ email: string; password: string }> {
  const person = { email: `idle-${randomUUID().slice(0, 8)}@example.com`, password: 'four unrelated words do' };
  const token = await teller.token();
  const body = { name: 'Ida Idle', ...person };
  await mustCreate(api, { method: 'POST', path: '/users', token, body });
  return person;
}

/** The longest of all functions: its window, then the grace period or what it is kept for besides. */
async function configuredSeconds(): Promise<number> {
  const text = await kubectl(
    'get',
    'configmap',
    'config-autoscaler',
    '--namespace',
    'knative-serving',
    '--output',
    'json',
  );
  const { data } = JSON.parse(text) as { data?: Record<string, string> };
  const common = {
    window: secondsOf(data?.['stable-window'] ?? '60s'),
    grace: secondsOf(data?.['scale-to-zero-grace-period'] ?? '30s'),
  };
  const annotation = (all: Record<string, string> | undefined, name: string): string | undefined =>
    all?.[`autoscaling.knative.dev/${name}`];
  const times = (await list('revisions')).map(({ metadata: { annotations } }) => {
    const window = secondsOf(annotation(annotations, 'window') ?? `${common.window}s`);
    return (
      window + Math.max(common.grace, secondsOf(annotation(annotations, 'scale-to-zero-pod-retention-period') ?? '0s'))
    );
  });
  return Math.max(...times);
}

function secondsOf(duration: string): number {
  const [, minutes = '0', seconds = '0'] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
