// Redrives every dead letter: the bank takes some in each call, so it is called until each has had its turn.
import { contract as operations } from '../../../functions/operations/contract.ts';
import { call } from '../app/api.ts';

/** Of 100 letters each: more than anybody should redrive without a look at the reason. */
const callsMax = 100;

/**
 * Those that fail go to the end of the bank's queue, so once as many have failed as are left, all that are left have been tried.
 * @throws what call() throws; what was applied until then stays applied.
 */
export async function redriveAll(onProgress: (applied: number) => void): Promise<{ applied: number; failed: number }> {
  const sum = { applied: 0, failed: 0 };
  for (let calls = 0; calls < callsMax; calls += 1) {
    const { applied, failed, left } = await call(operations, 'POST /operations/dead-letters/redrive', {});
    sum.applied += applied;
    sum.failed += failed;
    onProgress(sum.applied);
    if (applied + failed === 0 || sum.failed >= left) break;
  }
  return sum;
}
