// A statement as QIF (Quicken Interchange Format), for programs that read nothing newer: lines of one letter and a text, `^` after each entry.
import { currencyDigits } from '../shared/contract/money.ts';
import type { Statement, StatementLine } from './contract.ts';

/**
 * QIF has no currency, no time zone and no escape: days are those of UTC, written month first as Quicken does, and the currency
 * stands in the account's name. UTF-8, which it never said. Begins with the account, so that programs with several know which.
 */
export function renderQif({ account_id, account_type, currency, entries, from, opening_balance }: Statement): string {
  const money = (amount: number): string => amount.toFixed(currencyDigits[currency]);
  const account = ['!Account', `Nmicrobank ${account_type} ${account_id} ${currency}`, 'TBank', '^', '!Type:Bank'];
  const opening = [`D${qifDay(from)}`, `T${money(opening_balance)}`, 'CX', 'POpening Balance', '^'];
  const lines = entries.flatMap((line) => renderLine(line, money(line.amount)));
  return [...account, ...opening, ...lines].map((line) => `${line}\n`).join('');
}

function renderLine(line: StatementLine, amount: string): string[] {
  const { counterparty_account_id: counterparty, description } = line;
  return [
    `D${qifDay(line.timestamp)}`,
    `T${amount}`,
    `N${line.transaction_id}`,
    `P${counterparty === null ? line.type : `Account ${counterparty}`}`,
    ...(description === null ? [] : [`M${inOneLine(description)}`]),
    '^',
  ];
}

/** `11/23/2026`. */
function qifDay(moment: string): string {
  return `${moment.slice(5, 7)}/${moment.slice(8, 10)}/${moment.slice(0, 4)}`;
}

/** An end of line would end the field, and begin one that its writer chose: every character that any program takes for one is a space. */
function inOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
