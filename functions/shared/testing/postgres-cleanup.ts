// Runs before each test file: when the file's last hook is done, its databases go, and a connection it left open fails it.
import { afterAll } from 'vitest';
import { dropGivenDatabases } from './postgres.ts';

afterAll(async () => {
  await dropGivenDatabases();
}, 30_000);
