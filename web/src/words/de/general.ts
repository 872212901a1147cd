// What is said on every page, in German.
import type { general as english } from '../en/general.ts';
import type { Translated } from '../translated.ts';
import { plural } from '../plural.ts';

export const general: Translated<typeof english> = {
  common: {
    skip: 'Zum Inhalt springen',
    messages: 'Meldungen',
    close: 'Schließen',
    cancel: 'Abbrechen',
    retry: 'Erneut versuchen',
    loading: 'Wird geladen …',
    loadMore: 'Mehr laden',
    all: 'Alle',
    optional: 'freiwillig',
    from: 'Von',
    to: 'Bis',
    showTable: 'Als Tabelle zeigen',
    hideTable: 'Tabelle ausblenden',
    showPassword: 'Passwort anzeigen',
    hidePassword: 'Passwort verbergen',
    dismiss: 'Ausblenden',
    details: 'Details',
    chooseDate: 'Datum auswählen',
    previousMonth: 'Voriger Monat',
    nextMonth: 'Nächster Monat',
  },
  nav: {
    label: 'Hauptmenü',
    dashboard: 'Übersicht',
    move: 'Zahlungen',
    transfer: 'Überweisen',
    deposit: 'Einzahlen',
    withdraw: 'Abheben',
    notifications: 'Mitteilungen',
    unread: (count) => (count === 0 ? 'keine ungelesen' : `${count >= 1000 ? '1000+' : count} ungelesen`),
    profile: 'Profil',
    customers: 'Kundschaft',
    operations: 'Betrieb',
    signOut: 'Abmelden',
  },
  theme: { label: 'Darstellung', system: 'System', light: 'Hell', dark: 'Dunkel' },
  languageLabel: 'Sprache',
  states: {
    offline: 'Sie sind offline. Was Sie sehen, kann veraltet sein; was Sie absenden, geht nicht verloren.',
    waking: 'Eine Funktion erwacht gerade aus dem Ruhezustand; das dauert einige Sekunden.',
    live: 'Live',
    connecting: 'Verbindung wird aufgebaut …',
    lost: 'Nicht live',
    liveHint: 'Was auf Ihren Konten geschieht, erscheint hier von selbst.',
    connectingHint: 'Die Verbindung für Mitteilungen wird aufgebaut.',
    lostHint:
      'Die Verbindung für Mitteilungen ist unterbrochen; wir sehen alle 15 Sekunden nach und verbinden uns von selbst wieder.',
    newVersion: 'Es gibt eine neue Fassung dieser Seite.',
    reload: 'Neu laden',
  },
  sessionEnding: {
    title: 'Sind Sie noch da?',
    text: (seconds) => `Sie werden in ${plural(seconds, 'Sekunde', 'Sekunden')} abgemeldet.`,
    last: 'Zu Ihrer Sicherheit bleibt niemand länger als 12 Stunden angemeldet. Melden Sie sich neu an, um weiterzumachen.',
    stay: 'Angemeldet bleiben',
  },
  pending: {
    sending: (what) => `${what}: unterwegs …`,
    connection: (what) =>
      `${what}: keine Verbindung. Der Auftrag bleibt gespeichert und wird gesendet, sobald Sie wieder verbunden sind; das Geld bewegt sich genau einmal.`,
    bank: (what) =>
      `${what}: Die Bank ist gerade ausgelastet. Wir versuchen es weiter; das Geld bewegt sich genau einmal.`,
    done: (what) => `${what}: ausgeführt.`,
    refused: (what, why) => `${what}: nicht ausgeführt. ${why}`,
    unknown: (what) =>
      `${what}: Wir konnten nicht rechtzeitig klären, was daraus geworden ist. Sehen Sie in den Umsätzen des Kontos nach.`,
    receipt: 'Beleg',
  },
  commandNames: {
    'POST /deposits': (amount) => `Einzahlung von ${amount}`,
    'POST /withdrawals': (amount) => `Auszahlung von ${amount}`,
    'POST /transfers': (amount) => `Überweisung von ${amount}`,
    'POST /accounts': () => 'Kontoeröffnung',
    'DELETE /accounts/{id}': () => 'Kontoauflösung',
    'POST /transactions/{id}/reversal': () => 'Storno',
  },
  notFound: {
    title: 'Diese Seite gibt es nicht',
    text: 'Vielleicht ist die Adresse falsch geschrieben, oder die Seite ist umgezogen.',
    home: 'Zur Übersicht',
  },
};
