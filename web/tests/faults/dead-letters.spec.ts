// An event that nobody can apply: the teller sees it dead-lettered, redrives it once the fault is mended, and the customer is told.
import { Client } from 'pg';
import { databaseOf } from '../../../platform/local/databases.ts';
import { expect, test } from '../testing/own-bank.ts';

// The Trigger asks for five retries after 0.5, 1, 2, 4 and 8 s before the dead letter.
test.setTimeout(180_000);

test('a teller redrives what could not be applied', async ({ page, own, bank, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  const told = (): Promise<{ message: string }[]> => teller.ask('GET', `/notifications?user_id=${customer.id}`);
  // The opening has had its effect, so that what is refused from now on is one event.
  await expect.poll(async () => (await told()).length).toBe(1);
  const url = new URL(own.bank.adminUrl);
  url.pathname = `/${databaseOf('notifications')}`;
  const owner = new Client({ connectionString: url.href });
  await owner.connect();
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
