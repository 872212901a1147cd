// An event that nobody can apply: the teller sees it dead-lettered, and redrives it once the fault is mended, so that the customer is told;
// or discards it, where it is poison.
import { Client } from 'pg';
import { databaseOf } from '../../../platform/local/databases.ts';
import { expect, test } from '../testing/own-bank.ts';

// The Trigger asks for five retries after 0.5, 1, 2, 4 and 8 s before the dead letter.
test.setTimeout(180_000);

async function ownerOf(bank: { adminUrl: string }): Promise<Client> {
  const url = new URL(bank.adminUrl);
  url.pathname = `/${databaseOf('notifications')}`;
  const owner = new Client({ connectionString: url.href });
  await owner.connect();
  return owner;
}

test('a teller redrives what could not be applied', async ({ page, own, bank, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  const told = (): Promise<{ message: string }[]> => teller.ask('GET', `/notifications?user_id=${customer.id}`);
  // The opening has had its effect, so that what is refused from now on is one event.
  await expect.poll(async () => (await told()).length).toBe(1);
  const owner = await ownerOf(own.bank);
  await owner.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON notification FOR EACH ROW EXECUTE FUNCTION refuse()`);

  await signIn({ name: 'Teller', ...bank.teller });
  await page.goto('/operations');
  await expect(page.getByText('The books balance')).toBeVisible();
  await expect(page.getByText('No dead letters')).toBeVisible();
  await teller.ask('POST', '/deposits', { account_id: customer.accounts[0]?.id, amount: 5, description: 'Late news' });
  const letters = page.getByRole('region', { name: 'Dead letters' });
  await expect(letters.getByText('com.microbank.transaction.completed').first()).toBeVisible({ timeout: 90_000 });

  await letters.getByRole('button', { name: 'Redrive', exact: true }).click();
  await expect(page.getByText('1 event was refused again.')).toBeVisible();
  await owner.query('DROP TRIGGER refuse ON notification');
  await owner.end();
  await letters.getByRole('button', { name: 'Redrive', exact: true }).click();
  await expect(page.getByText('1 event was applied.')).toBeVisible();
  await expect(letters.getByText('No dead letters')).toBeVisible();

  expect((await told()).map(({ message }) => message).join('\n')).toContain('Deposit of $5.00 completed');
});

test('a teller discards poison with a reason, which the audit trail shows', async ({
  page,
  own,
  bank,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const deposit = (amount: number) =>
    teller.ask('POST', '/deposits', { account_id: customer.accounts[0]?.id, amount, description: 'News' });
  const owner = await ownerOf(own.bank);
  // This one and no other, however often it comes.
  await owner.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'this is poison'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON notification FOR EACH ROW WHEN (NEW.amount_minor = 666) EXECUTE FUNCTION refuse()`);
  await owner.end();

  await signIn({ name: 'Teller', ...bank.teller });
  await page.goto('/operations');
  await expect(page.getByText('No dead letters')).toBeVisible();
  await deposit(6.66);
  const letters = page.getByRole('region', { name: 'Dead letters' });
  await expect(letters.getByText('com.microbank.transaction.completed').first()).toBeVisible({ timeout: 90_000 });
  await letters.getByRole('button', { name: 'Redrive', exact: true }).click();
  await expect(page.getByText('1 event was refused again.')).toBeVisible();

  await letters.getByRole('button', { name: 'Discard', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Discard this event?' });
  const discard = dialog.getByRole('button', { name: 'Discard', exact: true });
  await discard.click();
  await expect(dialog.getByLabel('Reason')).toHaveAccessibleDescription(/Fill this in\.$/);
  await dialog.getByLabel('Reason').fill('Told the customer by phone');
  await discard.click();
  await expect(page.getByText('The event is discarded.')).toBeVisible();
  await expect(letters.getByText('No dead letters')).toBeVisible();
  await deposit(5);
  const told = (): Promise<{ message: string }[]> => teller.ask('GET', `/notifications?user_id=${customer.id}`);
  await expect.poll(async () => JSON.stringify(await told())).toContain('Deposit of $5.00 completed');
  expect(JSON.stringify(await told())).not.toContain('$6.66');

  await page.goto('/operations/audit');
  const entries = page.getByRole('region', { name: 'Audit trail' }).getByRole('listitem');
  await expect(entries.filter({ hasText: 'Dead letter discarded' })).toContainText('Told the customer by phone');
  await expect(entries.filter({ hasText: 'Dead letter redriven' })).toHaveCount(1);
});
