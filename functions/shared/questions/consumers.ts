// The consumers of this process' bank, read from the Trigger manifests when they are first needed.
import { type Consumers, readConsumers } from '../../../eventing/outbox/consumers.ts';

type Where = {
  /** Named when something is missing. */
  functionTarget?: string;
  /** Where functions are, with `{function}` in it. */
  functionUrl?: string;
  triggersFolder?: string;
};

/** A folder that can't be read is tried again at the next call. @throws Error without FUNCTION_URL, TriggersRefused. */
export function createConsumers({
  functionTarget = 'the relay',
  functionUrl,
  triggersFolder,
}: Where): () => Promise<Consumers> {
  let known: Promise<Consumers> | undefined;
  return async () => {
    if (functionUrl === undefined)
      throw new Error(`${functionTarget} needs FUNCTION_URL, to reach the consumers of events`);
    known ??= readConsumers(functionUrl, triggersFolder).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
