// What is said in many places, in German.
import type { general as english } from '../en/general.ts';
import type { Translated } from '../translated.ts';

export const general: Translated<typeof english> = {
  common: {
    skip: 'Zum Inhalt springen',
    messages: 'Meldungen',
    close: 'Schließen',
    cancel: 'Abbrechen',
    save: 'Speichern',
    copy: 'Kopieren',
    copied: 'Kopiert',
    reason: 'Grund',
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
    daysInUtc: 'Diese Tage beginnen und enden um Mitternacht UTC.',
    daysAtReader: (zone) => `Tage beginnen und enden um Mitternacht in Ihrer Zeitzone, ${zone}.`,
    printed: (moment, zone) => `Gedruckt: ${moment}. Zeiten gelten für ${zone}, wo nicht UTC dabeisteht.`,
  },
  theme: { label: 'Darstellung', system: 'System', light: 'Hell', dark: 'Dunkel' },
  languageLabel: 'Sprache',
};
