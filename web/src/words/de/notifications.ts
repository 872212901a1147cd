// What is said when somebody is told of what happened, in German.
import type { notifications as english } from '../en/notifications.ts';
import type { Translated } from '../translated.ts';

export const notifications: Translated<typeof english> = {
  notifications: {
    title: 'Mitteilungen',
    unreadOnly: 'Nur ungelesene',
    markAll: 'Alle als gelesen markieren',
    markRead: 'Als gelesen markieren',
    remove: 'Löschen',
    nothing: 'Noch gibt es nichts mitzuteilen',
    nothingText: 'Sobald auf Ihren Konten etwas geschieht, lesen Sie es hier, ohne die Seite neu zu laden.',
    nothingUnread: 'Sie haben alles gelesen',
    unread: 'Ungelesen',
    kinds: {
      deposit: 'Einzahlung',
      withdrawal: 'Auszahlung',
      transfer_out: 'Überweisung ausgeführt',
      transfer_in: 'Geldeingang',
      reversal: 'Storno',
      account_opened: 'Konto eröffnet',
      account_closed: 'Konto aufgelöst',
    },
    toldDeposit: (amount) => `Sie haben ${amount} eingezahlt.`,
    toldWithdrawal: (amount) => `Sie haben ${amount} abgehoben.`,
    toldTransferOut: (amount, to) => `Sie haben ${amount} auf Konto ${to} überwiesen.`,
    toldTransferIn: (amount, from) => `Sie haben ${amount} von Konto ${from} erhalten.`,
    toldReturned: (transaction, amount) => `Umsatz ${transaction} wurde storniert: Sie haben ${amount} zurückerhalten.`,
    toldTakenBack: (transaction, amount) =>
      `Umsatz ${transaction} wurde storniert: Ihr Konto wurde mit ${amount} belastet.`,
    toldBalance: (account, balance) => `Neuer Stand von Konto ${account}: ${balance}.`,
    toldOpened: (account, type, balance) => `Ihr ${type} ${account} ist eröffnet. Kontostand: ${balance}.`,
    toldClosed: (account, type) => `Ihr ${type} ${account} ist aufgelöst.`,
  },
};
