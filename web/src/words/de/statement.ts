// What a statement says, in German.
import type { statement as english } from '../en/statement.ts';
import type { Translated } from '../translated.ts';

export const statement: Translated<typeof english> = {
  statement: {
    title: 'Kontoauszug',
    of: (account) => `Kontoauszug für ${account}`,
    period: 'Zeitraum',
    presets: {
      thisMonth: 'Dieser Monat',
      lastMonth: 'Letzter Monat',
      last90: 'Letzte 90 Tage',
      thisYear: 'Dieses Jahr',
    },
    opening: 'Anfangssaldo',
    closing: 'Endsaldo',
    in: 'Summe der Eingänge',
    out: 'Summe der Ausgänge',
    csv: 'CSV herunterladen',
    otherFormats: 'Für Programme',
    formats: {
      ofx: 'OFX herunterladen',
      'camt.053': 'camt.053 (ISO 20022) herunterladen',
      qif: 'QIF herunterladen',
    },
    bank: 'Geldinstitut',
    holder: 'Kontoinhaber',
    number: 'Kontonummer',
    currency: 'Währung',
    timeZone: 'Zeitzone',
    utcOnly: 'UTC: Tage beginnen und enden um Mitternacht UTC.',
    print: 'Drucken',
    nothing: 'In diesem Zeitraum wurde nichts gebucht.',
  },
};
