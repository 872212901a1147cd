// Says what a notification tells, in the reader's language: from its facts, not from its English message.
import { accountTypes, type AccountType } from '../../../functions/shared/contract/account.ts';
import type { Notification } from '../../../functions/shared/contract/notification.ts';
import { formatMoney } from '../words/format.ts';
import type { Messages } from '../words/en.ts';

/** `lang` where the text is not in the reader's language, for those who listen to it. */
export type Told = { text: string; lang: 'en' | undefined };

/** What was told before facts were kept, or has one that this page does not know, is shown in the bank's own words. */
export function tellNotification(item: Notification, says: Messages, locale: string): Told {
  const text = sayFacts(item, says, locale);
  return text === undefined ? { text: item.message, lang: 'en' } : { text, lang: undefined };
}

function sayFacts(item: Notification, says: Messages, locale: string): string | undefined {
  const { currency, account_id: account, balance_after, account_type, amount } = item;
  if (currency === null || account === null || balance_after === null) return undefined;
  const { toldOpened, toldClosed, toldBalance } = says.notifications;
  const balance = formatMoney(balance_after, currency, locale);

  if (item.kind === 'account_opened' || item.kind === 'account_closed') {
    if (!isAccountType(account_type)) return undefined;
    const type = says.accountTypes[account_type];
    return item.kind === 'account_opened' ? toldOpened(account, type, balance) : toldClosed(account, type);
  }
  const what = amount !== null && sayMove(item, formatMoney(Math.abs(amount), currency, locale), says);
  return what ? `${what} ${toldBalance(account, balance)}` : undefined;
}

/** What came or went; `amountText` has no sign, since the sentence says the direction. */
function sayMove(
  { kind, amount, counterparty_account_id: other, reverses }: Notification,
  amountText: string,
  { notifications: says }: Messages,
): string | undefined {
  switch (kind) {
    case 'deposit':
      return says.toldDeposit(amountText);
    case 'withdrawal':
      return says.toldWithdrawal(amountText);
    case 'transfer_out':
      return other === null ? undefined : says.toldTransferOut(amountText, other);
    case 'transfer_in':
      return other === null ? undefined : says.toldTransferIn(amountText, other);
    case 'reversal':
      if (reverses === null) return undefined;
      return (amount ?? 0) > 0 ? says.toldReturned(reverses, amountText) : says.toldTakenBack(reverses, amountText);
    case 'account_opened':
    case 'account_closed':
      return undefined;
  }
}

function isAccountType(type: string | null): type is AccountType {
  return accountTypes.some((known) => known === type);
}
