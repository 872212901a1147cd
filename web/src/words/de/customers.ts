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
    rights: 'Zugang',
    reset: 'Code für neues Passwort',
    resetTitle: (name) => `Neues Passwort für ${name}`,
    resetText: 'Nur für jemanden, der selbst da ist. Das alte Passwort gilt, bis der Code benutzt wird.',
    resetPasskeys: 'Auch die Passkeys entfernen, weil sie verloren sind',
    resetMake: 'Code erzeugen',
    resetCode: 'Der Code',
    resetUntil: (time) => `Gilt einmal, bis ${time}. Nennen Sie ihn jetzt: Er wird nur dieses Mal gezeigt.`,
    resetWhere: (address) => `Das neue Passwort wird unter ${address} gesetzt.`,
    makeTeller: 'In den Schalterdienst',
    makeTellerTitle: (name) => `${name} in den Schalterdienst aufnehmen?`,
    makeTellerText:
      'Der Schalterdienst sieht und bedient die ganze Kundschaft. Nach der Abmeldung gilt bei der nächsten Anmeldung die neue Rolle.',
    makeCustomer: 'Schalterdienst beenden',
    makeCustomerTitle: (name) => `Schalterdienst von ${name} beenden?`,
    makeCustomerText:
      'Das eigene Konto bleibt. Die Person wird sofort abgemeldet und verliert alle Rechte am Schalter.',
    roleChanged: 'Die Rolle ist geändert.',
    trail: 'Was mit der Person geschah',
    only: 'Diese Seite ist für den Schalter',
    onlyText: 'Sie zeigt, was anderen gehört, und Sie sind mit Ihrem eigenen Zugang angemeldet.',
  },
};
