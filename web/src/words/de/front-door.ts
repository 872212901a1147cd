// What is said to whoever comes in, in German.
import type { frontDoor as english } from '../en/front-door.ts';
import type { Translated } from '../translated.ts';

export const frontDoor: Translated<typeof english> = {
  signIn: {
    title: 'Anmelden',
    lead: 'Schön, dass Sie wieder da sind.',
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    submit: 'Anmelden',
    or: 'oder',
    withPasskey: 'Passkey verwenden',
    forgot: 'Passwort vergessen?',
    noAccount: 'Neu hier?',
    register: 'Kundin oder Kunde werden',
    expired: 'Ihre Sitzung ist abgelaufen, Sie wurden abgemeldet. Melden Sie sich an, um dort weiterzumachen.',
    signedOut: 'Sie sind abgemeldet.',
    pitch: 'Eine Bank, die ihren Rechenweg zeigt.',
    pitchPoints: [
      'Jeder Cent doppelt gebucht, jeder Kontostand durch seine Buchungen belegt.',
      'Doppelt geklickt, neu geladen, offline: Das Geld bewegt sich genau einmal.',
      'Wo nichts geschieht, läuft auch nichts.',
    ],
  },
  secondFactor: {
    title: 'Noch ein Schritt',
    lead: 'Das Passwort stimmt. Im Schalterdienst bestätigen Sie mit Ihrem Passkey, dass Sie es sind.',
    confirm: 'Mit Passkey bestätigen',
    back: 'Von vorn beginnen',
  },
  resetPassword: {
    title: 'Neues Passwort setzen',
    lead: 'Fragen Sie am Schalter: Dort sieht man, dass Sie es sind, und gibt Ihnen einen Code, der einmal gilt.',
    code: 'Einmalcode',
    codeHint: 'Gilt 15 Minuten.',
    password: 'Neues Passwort',
    submit: 'Neues Passwort setzen',
    done: 'Ihr neues Passwort gilt, und alle Geräte sind abgemeldet. Melden Sie sich damit an.',
    back: 'Zurück zur Anmeldung',
  },
  register: {
    title: 'Kundin oder Kunde werden',
    lead: 'Es dauert eine Minute. Konten können Sie gleich danach eröffnen.',
    name: 'Vor- und Nachname',
    phone: 'Telefonnummer',
    passwordHint: 'Mindestens 15 Zeichen. Vier Wörter ohne Zusammenhang sind gut geeignet.',
    submit: 'Registrieren',
    haveAccount: 'Schon bei uns?',
    tellerTitle: 'Neu aufnehmen',
    tellerLead: 'Ohne Passwort ist keine Anmeldung möglich; am Schalter werden diese Personen trotzdem bedient.',
    done: (name) => `${name} ist registriert.`,
    role: 'Rolle',
    roles: { customer: 'Kundin oder Kunde', teller: 'Schalterdienst' },
  },
};
