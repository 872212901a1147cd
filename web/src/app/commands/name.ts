// What a pending command is called before its outcome is known: from what was written down of it, not from an answer.
import { currencyDigits, type Currency } from '../../../../functions/shared/contract/money.ts';
import { formatMoney } from '../../words/format.ts';
import type { Messages } from '../../words/en.ts';
import type { PendingCommand } from './shelf.ts';

/** `currency` is written down with the command for this purpose only; the bank knows the account's own. */
export function nameCommand({ route, command, currency }: PendingCommand, says: Messages, locale: string): string {
  const amount = Number(command['amount']);
  const isKnown = currency !== undefined && currency in currencyDigits && Number.isFinite(amount);
  return says.commandNames[route](isKnown ? formatMoney(amount, currency as Currency, locale) : '');
}
