// Who one is to the bank, how the pages look, and leaving for good.
import { expect, test } from './testing/bank.ts';

test('the appearance follows the system until one is chosen, which outlives a reload', async ({
  page,
  teller,
  signIn,
}) => {
  await signIn(await teller.givenCustomer([]));
  const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const choose = (name: string): Promise<void> => page.getByRole('radio', { name }).check();
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/profile');
  await expect(page.getByRole('radio', { name: 'System' })).toBeChecked();
  const light = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await background();
  expect(dark).not.toBe(light);

  await choose('Light');
  await expect.poll(background).toBe(light);
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Light' })).toBeChecked();
  expect(await background()).toBe(light);

  await choose('Dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(background).toBe(dark);
  await choose('System');
  await expect.poll(background).toBe(light);
});

test('nothing moves for whoever asked for less motion', async ({ page, teller, signIn }) => {
  await signIn(await teller.givenCustomer());
  const moving = (): Promise<number> =>
    page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { animationName, transitionDuration } = getComputedStyle(element);
          return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration);
        }).length,
    );
  await page.goto('/');
  await expect(page.getByRole('region', { name: 'Accounts' })).toBeVisible();
  expect(await moving()).toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(moving).toBe(0);
});

test('shows who one is; whoever has no open account can leave, and cannot come back', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  await page.goto('/profile');
  await expect(page.getByText(customer.email).first()).toBeVisible();
  await expect(page.getByText(customer.name).first()).toBeVisible();
  await page.getByRole('button', { name: 'Leave the bank' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('button', { name: 'Leave the bank' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave and erase' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  await page.getByLabel('E-mail address').fill(customer.email);
  await page.getByLabel('Password', { exact: true }).fill(customer.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The e-mail address or the password is wrong.')).toBeVisible();
});
