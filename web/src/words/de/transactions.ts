// What is said of money that has moved, in German.
import type { transactions as english } from '../en/transactions.ts';
import type { Translated } from '../translated.ts';

export const transactions: Translated<typeof english> = {
  transactionTypes: {
    opening: 'Eröffnung',
    deposit: 'Einzahlung',
    withdrawal: 'Auszahlung',
    transfer: 'Überweisung',
    reversal: 'Storno',
    closing: 'Auflösung',
  },
  transaction: {
    title: (id) => `Umsatz ${id}`,
    booked: 'Gebucht',
    effective: 'Wertstellung',
    entries: 'Buchungen',
    entriesText: 'Doppelte Buchführung: Zusammen ergeben sie null.',
    sum: 'Summe',
    balanceAfter: 'Kontostand danach',
    notYours: 'für Sie nicht einsehbar',
    trace: 'Vorgangsnummer',
    reverses: 'Storniert',
    reversedBy: 'Storniert durch',
    isReversed: 'Storniert',
    reverse: 'Stornieren',
    reverseTitle: 'Diesen Umsatz stornieren?',
    reverseText:
      'Ein neuer Umsatz bucht das Gegenteil. Der ursprüngliche bleibt in den Umsätzen, als storniert gekennzeichnet.',
    requestedBy: 'Veranlasst von',
    reasonHint: 'Beide Seiten sehen ihn',
    reverseDone: 'Der Umsatz ist storniert.',
    cashAccount: (currency) => `Kasse der Bank in ${currency}`,
    print: 'Drucken',
  },
};
