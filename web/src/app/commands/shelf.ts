// Commands that have been sent, or are about to be, and whose outcome is not known. They are kept with their idempotency key before
// the first byte leaves, so that a reload, a lost connection or a second press sends the very same request, which the bank applies once.
import * as z from 'zod';
import type { CommandTo } from '../api.ts';
import type { CommandRoutes } from './contracts.ts';

/** What moves money or makes an account, and holds no password: these may be written down. */
const keptRoutes = [
  'POST /deposits',
  'POST /withdrawals',
  'POST /transfers',
  'POST /accounts',
  'DELETE /accounts/{id}',
  'POST /transactions/{id}/reversal',
] as const satisfies readonly (keyof CommandRoutes)[];
export type KeptRoute = (typeof keptRoutes)[number];

/** What every version of this page has written of a command. */
const anyVersionSchema = z.looseObject({ key: z.uuid(), userId: z.int().positive(), madeAtMs: z.number() });
const pendingSchema = z.object({
  ...anyVersionSchema.shape,
  route: z.enum(keptRoutes),
  command: z.record(z.string(), z.unknown()),
  /** Of the amount, to name the command by. */
  currency: z.string().optional(),
});
export type PendingCommand = z.output<typeof pendingSchema>;

/** The bank keeps a key for 24 h at least. An hour less leaves room for clocks that differ and for the time on the way. */
export const sendableForMs = 23 * 60 * 60_000;

/** No form makes more than one at a time; a full shelf means that something is wrong, and nothing more is sent. */
const pendingMax = 20;

export type Order<K extends KeptRoute> = {
  userId: number;
  route: K;
  command: CommandTo<CommandRoutes[K]>;
  currency?: string | undefined;
};

export type Shelf = {
  /** Writes the command down under a new key. @throws Error when it cannot be kept: then it must not be sent either. */
  put: <K extends KeptRoute>(order: Order<K>) => PendingCommand;
  /** The outcome is known. */
  remove: (key: string) => void;
  /** Oldest first. */
  of: (userId: number) => PendingCommand[];
};

type Parts = { storage: Pick<Storage, 'getItem' | 'setItem'>; now: () => number; newKey: () => string };

const storageName = 'microbank.pending';

export function createShelf({ storage, now, newKey }: Parts): Shelf {
  /**
   * Another tab may have written meanwhile, so it is read each time. What a newer page wrote there is not for this one to send or
   * to remove; what is no command at all was not written by us.
   */
  function read(): z.output<typeof anyVersionSchema>[] {
    return parseList(storage.getItem(storageName)).flatMap((item) => anyVersionSchema.safeParse(item).data ?? []);
  }

  return {
    put({ command, ...order }) {
      const others = read();
      if (others.length >= pendingMax) throw new Error(`${pendingMax} commands are pending already`);
      const pending = { ...order, key: newKey(), command: { ...command }, madeAtMs: now() };
      storage.setItem(storageName, JSON.stringify([...others, pending]));
      return pending;
    },
    remove(key) {
      storage.setItem(storageName, JSON.stringify(read().filter((pending) => pending.key !== key)));
    },
    of(userId) {
      const known = read().flatMap((kept) => pendingSchema.safeParse(kept).data ?? []);
      return known.filter((pending) => pending.userId === userId);
    },
  };
}

function parseList(text: string | null): unknown[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
