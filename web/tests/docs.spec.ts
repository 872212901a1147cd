// The API's documentation at /docs: shows every call, tries one out, and asks nobody but the bank. What breaks a policy fails every test.
import { expect, test } from './testing/bank.ts';

// A megabyte and a half of script, and every operation is drawn.
test.beforeEach(() => test.slow());

test('shows every operation and what is in one, with nothing from elsewhere and no policy violated', async ({
  page,
  bank,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).origin));
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(window, { violations });
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      violations.push(`${violatedDirective} ${blockedURI}`),
    );
  });
  const answer = await page.goto('/docs');
  expect(answer?.headers()['content-security-policy']).toMatch(/script-src 'self'; style-src 'self'/);
  const description = (await (await page.request.get(`${bank.origin}/api/openapi.json`)).json()) as {
    paths: Record<string, object>;
  };
  const operations = Object.values(description.paths).flatMap((path) => Object.keys(path));
  await expect(page.getByRole('heading', { name: /^microbank/ })).toBeVisible();
  await expect(page.locator('.opblock')).toHaveCount(operations.length);

  const deposit = page.locator('.opblock').filter({ hasText: '/deposits' }).first();
  await deposit.getByRole('button').first().click();
  await expect(deposit).toContainText('Idempotency-Key');
  await expect(deposit).toContainText('account_id');
  expect(await page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual([]);
  expect(new Set(asked)).toEqual(new Set([new URL(page.url()).origin]));
});

test('tries a call out as who is signed in', async ({ page, bank, signIn }) => {
  await signIn(bank.customers.alice);
  await page.goto('/docs');
  const list = page.locator('#operations-read-accounts-get-accounts');
  await list.getByRole('button').first().click();
  await list.getByRole('button', { name: 'Try it out' }).click();
  await list.getByRole('button', { name: 'Execute' }).click();
  await expect(list.locator('.live-responses-table .response .response-col_status')).toContainText('200');
  await expect(list.locator('.live-responses-table')).toContainText('available_balance');
});

test('an address that names another description shows the bank’s', async ({ page }) => {
  await page.goto('/docs?url=https%3A%2F%2Felsewhere.test%2Fopenapi.json');
  await expect(page.getByRole('heading', { name: /^microbank/ })).toBeVisible();
});
