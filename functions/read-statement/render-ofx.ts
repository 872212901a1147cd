// A statement as OFX 2.2 (Open Financial Exchange, Banking Specification 2.2, section 11), which personal finance programs import.
import { bank } from '../shared/contract/bank.ts';
import { currencyDigits } from '../shared/contract/money.ts';
import type { Statement, StatementLine } from './contract.ts';
import { element, leaf } from './xml-text.ts';

/** OFX knows no business accounts: they are for payments, as checking accounts are. */
const accountTypes = { checking: 'CHECKING', savings: 'SAVINGS', business: 'CHECKING' } as const;
/** Section 11.4.4.3; what has no type of its own is named by its direction. */
const transactionTypes: Readonly<Partial<Record<StatementLine['type'], string>>> = {
  deposit: 'DEP',
  withdrawal: 'CASH',
  transfer: 'XFER',
};
/** As many characters as NAME and MEMO may have. */
const nameLengthMax = 32;
const memoLengthMax = 255;

/** `now` is when the file is made. A bank's answer to nobody's question, as downloaded files are: TRNUID is 0 (section 2.4.6). */
export function renderOfx(statement: Statement, now: Date): string {
  const status = element('STATUS', [leaf('CODE', '0'), leaf('SEVERITY', 'INFO')]);
  const signOn = element('SIGNONMSGSRSV1', [
    element('SONRS', [status, leaf('DTSERVER', ofxTime(now.toISOString())), leaf('LANGUAGE', 'ENG')]),
  ]);
  const answer = element('STMTTRNRS', [leaf('TRNUID', '0'), status, renderStatement(statement)]);
  const document = element('OFX', [signOn, element('BANKMSGSRSV1', [answer])]) ?? '';
  return `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<?OFX OFXHEADER="200" VERSION="220" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
${document}
`;
}

function renderStatement(statement: Statement): string | undefined {
  const { account_id, account_type, currency, from, to, entries, closing_balance } = statement;
  const money = (amount: number): string => amount.toFixed(currencyDigits[currency]);
  return element('STMTRS', [
    leaf('CURDEF', currency),
    element('BANKACCTFROM', [
      leaf('BANKID', bank.id),
      leaf('ACCTID', String(account_id)),
      leaf('ACCTTYPE', accountTypes[account_type]),
    ]),
    element('BANKTRANLIST', [
      leaf('DTSTART', ofxTime(from)),
      leaf('DTEND', ofxTime(to)),
      ...entries.map((line) => renderLine(line, money(line.amount))),
    ]),
    element('LEDGERBAL', [leaf('BALAMT', money(closing_balance)), leaf('DTASOF', ofxTime(to))]),
  ]);
}

function renderLine(line: StatementLine, amount: string): string | undefined {
  const { counterparty_account_id: counterparty } = line;
  return element('STMTTRN', [
    leaf('TRNTYPE', transactionTypes[line.type] ?? (line.amount < 0 ? 'DEBIT' : 'CREDIT')),
    leaf('DTPOSTED', ofxTime(line.timestamp)),
    leaf('DTAVAIL', ofxTime(line.effective_at)),
    leaf('TRNAMT', amount),
    leaf('FITID', String(line.transaction_id)),
    leaf('NAME', (counterparty === null ? line.type : `Account ${counterparty}`).slice(0, nameLengthMax)),
    leaf('MEMO', firstCharacters(line.description ?? '', memoLengthMax)),
  ]);
}

/** Section 3.2.8.2: `20261123080000.000[0:GMT]`. */
function ofxTime(moment: string): string {
  const [, date = '', time = '', fraction = ''] = /^([\d-]+)T([\d:]+)\.(\d{3})/.exec(moment) ?? [];
  if (fraction === '') throw new Error(`not a moment with milliseconds: ${moment}`);
  return `${date.replaceAll('-', '')}${time.replaceAll(':', '')}.${fraction}[0:GMT]`;
}

/** Cuts between characters, never inside a surrogate pair. */
function firstCharacters(text: string, countMax: number): string {
  return Array.from(text).slice(0, countMax).join('');
}
