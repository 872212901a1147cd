// A statement as a file that other programs read: its media type, its name, its text.
import type { Document } from '../shared/handler/answer.ts';
import type { CsvStyle, Statement, StatementFormat } from './contract.ts';
import { renderCamt053 } from './render-camt053.ts';
import { renderCsv } from './render-csv.ts';
import { renderOfx } from './render-ofx.ts';
import { renderQif } from './render-qif.ts';

export type FileFormat = Exclude<StatementFormat, 'json'>;

/** `now` is when it is made, which OFX and camt.053 say. */
export function renderFile(statement: Statement, format: FileFormat, style: CsvStyle, now: Date): Document {
  const from = statement.from.slice(0, 10);
  const lastDay = new Date(Date.parse(statement.to) - 1).toISOString().slice(0, 10);
  const name = `statement-${statement.account_id}-${from}-${lastDay}`;
  const file = (contentType: string, ending: string, body: string): Document => {
    return { kind: 'document', contentType, filename: `${name}.${ending}`, body };
  };
  switch (format) {
    case 'csv':
      return file('text/csv; charset=utf-8; header=present', 'csv', renderCsv(statement, style));
    case 'ofx':
      return file('application/x-ofx', 'ofx', renderOfx(statement, now));
    case 'camt.053':
      return file('application/xml', 'camt053.xml', renderCamt053(statement, now));
    case 'qif':
      return file('application/x-qif; charset=utf-8', 'qif', renderQif(statement));
  }
}
