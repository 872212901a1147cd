// The history of the demo's customers: all that alice.ts and others.ts want to do, in order, as far as their accounts allow.
import { createRandom } from '../../eventing/tests/simulation/random.ts';
import { aliceDoes } from './alice.ts';
import { theOthersDo } from './others.ts';
import type { AccountName, Step } from './steps.ts';

export type StorySettings = {
  seed: number;
  /** Nothing happens after it. */
  today: Date;
};

/** The same for the same settings, whatever bank it is told to. */
export function tellStory({ seed, today }: StorySettings): Step[] {
  // Each has a sequence of their own, so that a new habit of Alice's does not change how the others live.
  const wishes = [...aliceDoes(today, createRandom(seed)), ...theOthersDo(today, createRandom(seed + 1))];
  const past = wishes.filter(({ at }) => at < today.getTime());
  return keepAffordable(past.sort((a, b) => a.at - b.at));
}

type Held = { balanceMinor: number; leastMinor: number };
type Labelled = Step & { type: 'withdrawal' | 'deposit' };

/** People look at their balance: what an account can't pay is left undone, and a tenth of an overdraft limit stays untouched. */
function keepAffordable(steps: readonly Step[]): Step[] {
  const accounts = new Map<AccountName, Held>();
  const labelled = new Map<string, Labelled>();

  function move(account: AccountName, amountMinor: number): boolean {
    const held = accounts.get(account);
    if (!held) throw new Error(`${account} is used before it is opened`);
    if (amountMinor < 0 && held.balanceMinor + amountMinor < held.leastMinor) return false;
    held.balanceMinor += amountMinor;
    return true;
  }

  function happens(step: Step): boolean {
    if (step.type !== 'opening' && !accounts.has(step.account)) return false; // A habit may be older than its account.
    switch (step.type) {
      case 'opening':
        accounts.set(step.account, {
          balanceMinor: step.amountMinor,
          leastMinor: -(step.overdraftLimitMinor ?? 0) * 0.9,
        });
        return true;
      case 'deposit':
      case 'withdrawal': {
        const done = move(step.account, step.type === 'deposit' ? step.amountMinor : -step.amountMinor);
        if (done && step.label !== undefined) labelled.set(step.label, step);
        return done;
      }
      case 'transfer':
        return move(step.account, -step.amountMinor) && move(step.target, step.amountMinor);
      case 'reversal': {
        const original = labelled.get(step.of);
        return (
          !!original && move(step.account, original.type === 'deposit' ? -original.amountMinor : original.amountMinor)
        );
      }
      case 'closing':
        return accounts.get(step.account)?.balanceMinor === 0;
    }
  }
  return steps.filter(happens);
}
