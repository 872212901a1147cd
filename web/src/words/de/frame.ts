// What is said around every page: navigation, connection, the end of a session, a page that is none, in German.
import type { frame as english } from '../en/frame.ts';
import type { Translated } from '../translated.ts';
import { plural } from '../plural.ts';

export const frame: Translated<typeof english> = {
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
  notFound: {
    title: 'Diese Seite gibt es nicht',
    text: 'Vielleicht ist die Adresse falsch geschrieben, oder die Seite ist umgezogen.',
    home: 'Zur Übersicht',
  },
};
