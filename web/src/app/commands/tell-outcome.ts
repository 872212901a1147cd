// Says what became of an order that was begun on a page which is no longer there.
import type { Finished } from './running.svelte.ts';
import { explain } from '../explain.ts';
import { language } from '../../words/language.svelte.ts';
import { nameCommand } from './name.ts';
import { Problem } from '../problem.ts';
import { OutcomeUnknown } from './send-until-answered.ts';
import { toasts } from '../../kit/toasts.svelte.ts';

export function tellOutcome({ pending, answer, error }: Finished): void {
  const { says, locale } = language;
  const what = nameCommand(pending, says, locale);
  if (error === undefined) {
    const href = hrefOf(pending.route, answer);
    toasts.add({
      kind: 'success',
      text: says.pending.done(what),
      ...(href && { href, linkText: says.pending.receipt }),
    });
    return;
  }
  // It stays on the shelf, and goes on after the next sign-in.
  if (error instanceof Problem && error.body.code === 'unauthenticated') return;
  const text =
    error instanceof OutcomeUnknown
      ? says.pending.unknown(what)
      : says.pending.refused(what, explain(error, says).text);
  toasts.add({ kind: 'error', text });
}

function hrefOf(route: Finished['pending']['route'], answer: unknown): string | undefined {
  const { id } = (answer ?? {}) as { id?: number };
  if (id === undefined) return undefined;
  return route === 'POST /accounts' ? `/accounts/${id}` : `/transactions/${id}`;
}
