// What is said to tellers of customers, in German.
import type { customers as english } from '../en/customers.ts';
import type { Translated } from '../translated.ts';

export const customers: Translated<typeof english> = {
  teller: {
    title: 'Kundschaft',
    search: 'Name oder E-Mail-Adresse',
    found: 'Gefundene Personen',
    register: 'Neu aufnehmen',
    nothing: 'Niemand gefunden',
    nothingText: 'Prüfen Sie die Schreibweise, oder nehmen Sie die Person neu auf.',
    number: (id) => `Nr. ${id}`,
    person: 'Zur Person',
    accounts: 'Konten',
    noAccounts: 'Noch kein Konto',
    noAccountsText: 'Eröffnen Sie eines, auch gleich mit einer ersten Einzahlung.',
    openAccount: 'Konto eröffnen',
    latest: 'Letzte Umsätze',
    latestOfSome: (count) =>
      `Der ersten ${count} Konten; jedes Konto hat seine ganze Geschichte auf der eigenen Seite.`,
    noTransactionsText: 'Was sich auf den Konten bewegt, erscheint hier.',
    remove: 'Löschen',
    removeText: 'Name, Adressen und Passwort werden gelöscht. Vorher müssen die Konten aufgelöst sein.',
    removeTitle: (name) => `${name} löschen?`,
    removed: 'Die persönlichen Daten sind gelöscht.',
    accountNumber: 'Kontonummer',
    goToAccount: 'Zum Konto',
    registered: (date) => `dabei seit ${date}`,
    only: 'Diese Seite ist für den Schalter',
    onlyText: 'Sie zeigt, was anderen gehört, und Sie sind mit Ihrem eigenen Zugang angemeldet.',
  },
};
