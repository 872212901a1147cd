// What is said to somebody of themselves, in German.
import type { profile as english } from '../en/profile.ts';
import type { Translated } from '../translated.ts';

export const profile: Translated<typeof english> = {
  profile: {
    title: 'Profil',
    you: 'Über Sie',
    name: 'Name',
    email: 'E-Mail',
    phone: 'Telefon',
    noPhone: 'nicht angegeben',
    since: 'Bei uns seit',
    role: 'Rolle',
    preferences: 'Einstellungen',
    leave: 'Bank verlassen',
    leaveText: 'Name, Adressen und Passwort werden gelöscht. Lösen Sie zuerst Ihre Konten auf.',
    leaveTitle: 'Die Bank endgültig verlassen?',
    leaveConfirm: 'Verlassen und löschen',
    left: 'Sie haben die Bank verlassen. Alles Persönliche ist gelöscht.',
    number: 'Kundennummer',
  },
};
