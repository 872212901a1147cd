// Builds the pages before tests that start banks, which would otherwise all find them missing and build at once.
import { buildWeb } from '../../build/build-web.ts';

export async function setup(): Promise<void> {
  await buildWeb();
}
