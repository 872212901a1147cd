// A statement as ISO 20022 camt.053.001.08 (bank to customer statement), which accounting programs import. The order of elements is the schema's.
import { bank } from '../shared/contract/bank.ts';
import { currencyDigits, type Currency, type Total } from '../shared/contract/money.ts';
import type { Statement, StatementLine } from './contract.ts';
import { element, leaf, xmlText } from './xml-text.ts';

const namespace = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08';
/** Of one piece of unstructured remittance information (Max140Text); a longer text is several. */
const remittanceLengthMax = 140;

/** Family and subfamily in the domain PMNT (ISO 20022 external bank transaction codes): counter cash in and out, book transfers, others. */
const codes: Readonly<Record<StatementLine['type'], { in: [string, string]; out: [string, string] }>> = {
  opening: { in: ['CNTR', 'CDPT'], out: ['CNTR', 'CWDL'] },
  deposit: { in: ['CNTR', 'CDPT'], out: ['CNTR', 'CWDL'] },
  withdrawal: { in: ['CNTR', 'CDPT'], out: ['CNTR', 'CWDL'] },
  closing: { in: ['CNTR', 'CDPT'], out: ['CNTR', 'CWDL'] },
  transfer: { in: ['RCDT', 'BOOK'], out: ['ICDT', 'BOOK'] },
  reversal: { in: ['MCOP', 'OTHR'], out: ['MDOP', 'OTHR'] },
};

/** `now` is when the file is made. Accounts have no IBAN here: their own numbers stand under `Othr`. */
export function renderCamt053(statement: Statement, now: Date): string {
  const made = now.toISOString();
  const messageId = `${statement.account_id}-${made.replaceAll(/\D/g, '')}`;
  const header = element('GrpHdr', [leaf('MsgId', messageId), leaf('CreDtTm', made)]);
  const body = element('BkToCstmrStmt', [header, renderStatement(statement, made)]);
  const document = element('Document', [body], `xmlns="${namespace}"`) ?? '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${document}\n`;
}

function renderStatement(statement: Statement, made: string): string | undefined {
  const { account_id, currency, from, to, entries } = statement;
  const lastDay = dayOf(new Date(Date.parse(to) - 1).toISOString());
  const days = [from, lastDay].map((moment) => dayOf(moment).replaceAll('-', ''));
  return element('Stmt', [
    leaf('Id', [account_id, ...days].join('-')),
    leaf('CreDtTm', made),
    element('FrToDt', [leaf('FrDtTm', from), leaf('ToDtTm', to)]),
    renderAccount(statement),
    renderBalance('OPBD', statement.opening_balance, currency, dayOf(from)),
    renderBalance('CLBD', statement.closing_balance, currency, lastDay),
    renderSums(statement),
    ...entries.map((line) => renderEntry(line, currency)),
  ]);
}

function renderAccount({ account_id, account_type, currency }: Statement): string | undefined {
  return element('Acct', [
    element('Id', [otherId(account_id)]),
    element('Tp', [leaf('Prtry', account_type)]),
    leaf('Ccy', currency),
    element('Svcr', [element('FinInstnId', [leaf('Nm', bank.name)])]),
  ]);
}

function renderBalance(code: 'OPBD' | 'CLBD', amount: number, currency: Currency, day: string): string | undefined {
  return element('Bal', [
    element('Tp', [element('CdOrPrtry', [leaf('Cd', code)])]),
    amountOf(amount, currency),
    direction(amount),
    element('Dt', [leaf('Dt', day)]),
  ]);
}

function renderSums({ entries, currency, total_in, total_out }: Statement): string | undefined {
  const numberOf = (isIn: boolean): string => String(entries.filter(({ amount }) => amount >= 0 === isIn).length);
  // Text has all its decimals, and neither sum is below zero.
  const sum = (total: Total) => leaf('Sum', typeof total === 'string' ? total : plain(total, currency));
  return element('TxsSummry', [
    element('TtlCdtNtries', [leaf('NbOfNtries', numberOf(true)), sum(total_in)]),
    element('TtlDbtNtries', [leaf('NbOfNtries', numberOf(false)), sum(total_out)]),
  ]);
}

function renderEntry(line: StatementLine, currency: Currency): string | undefined {
  const id = String(line.transaction_id);
  const [family, subfamily] = codes[line.type][line.amount < 0 ? 'out' : 'in'];
  const code = [
    element('Domn', [leaf('Cd', 'PMNT'), element('Fmly', [leaf('Cd', family), leaf('SubFmlyCd', subfamily)])]),
    element('Prtry', [leaf('Cd', line.type), leaf('Issr', bank.name)]),
  ];
  return element('Ntry', [
    leaf('NtryRef', id),
    amountOf(line.amount, currency),
    direction(line.amount),
    line.type === 'reversal' ? leaf('RvslInd', 'true') : undefined,
    element('Sts', [leaf('Cd', 'BOOK')]),
    element('BookgDt', [leaf('DtTm', line.timestamp)]),
    element('ValDt', [leaf('DtTm', line.effective_at)]),
    leaf('AcctSvcrRef', id),
    element('BkTxCd', code),
    element('NtryDtls', [renderDetails(line, currency)]),
  ]);
}

function renderDetails(line: StatementLine, currency: Currency): string | undefined {
  const { counterparty_account_id: counterparty, description } = line;
  const account = line.amount < 0 ? 'CdtrAcct' : 'DbtrAcct';
  const pieces = description === null ? [] : inPieces(description);
  return element('TxDtls', [
    element('Refs', [leaf('AcctSvcrRef', String(line.transaction_id))]),
    amountOf(line.amount, currency),
    direction(line.amount),
    counterparty === null
      ? undefined
      : element('RltdPties', [element(account, [element('Id', [otherId(counterparty)])])]),
    element(
      'RmtInf',
      pieces.map((piece) => leaf('Ustrd', piece)),
    ),
  ]);
}

function otherId(accountId: number): string | undefined {
  return element('Othr', [leaf('Id', String(accountId))]);
}

/** Amounts have no sign in ISO 20022; `direction` says where they go. */
function amountOf(amount: number, currency: Currency): string | undefined {
  return leaf('Amt', plain(amount, currency), `Ccy="${xmlText(currency)}"`);
}

function direction(amount: number): string | undefined {
  return leaf('CdtDbtInd', amount < 0 ? 'DBIT' : 'CRDT');
}

function plain(amount: number, currency: Currency): string {
  return Math.abs(amount).toFixed(currencyDigits[currency]);
}

function dayOf(moment: string): string {
  return moment.slice(0, 10);
}

/** The schema counts characters, as [...text] does, not UTF-16. */
function inPieces(text: string): string[] {
  const characters = Array.from(text);
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += remittanceLengthMax) {
    pieces.push(characters.slice(at, at + remittanceLengthMax).join(''));
  }
  return pieces;
}
