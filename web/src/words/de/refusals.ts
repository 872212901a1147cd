// What is said when something is refused or cannot be done, in German.
import type { refusals as english } from '../en/refusals.ts';
import type { Translated } from '../translated.ts';
import { plural } from '../plural.ts';

export const refusals: Translated<typeof english> = {
  problems: {
    title: 'Das hat nicht geklappt',
    unreachable: 'Die Bank ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es erneut.',
    outdated: 'Diese Seite ist älter als die Bank. Laden Sie sie neu.',
    unavailable: 'Die Bank ist gerade ausgelastet. Versuchen Sie es in Kürze erneut.',
    broken: 'Bei uns ist ein Fehler aufgetreten. Versuchen Sie es erneut; wenn er bleibt, nennen Sie uns diese Nummer:',
    trace: 'Vorgangsnummer',
    codes: {
      account_not_found: 'Dieses Konto gibt es nicht.',
      account_closed: 'Dieses Konto ist aufgelöst.',
      account_not_empty: 'Das Konto ist noch nicht ausgeglichen.',
      already_reversed: 'Dieser Umsatz ist bereits storniert.',
      amount_invalid: 'Dieser Betrag ist in dieser Währung nicht möglich.',
      answer_erased: 'Diese Person hat die Bank verlassen.',
      balance_limit_exceeded: 'Der Kontostand würde höher, als ein Konto fassen kann.',
      currency_mismatch: 'Die beiden Konten haben verschiedene Währungen.',
      dead_letter_not_found: 'Dieses unzustellbare Ereignis gibt es nicht mehr.',
      email_taken: 'Mit dieser E-Mail-Adresse ist schon jemand registriert.',
      forbidden: 'Das dürfen Sie nicht.',
      idempotency_key_reused: 'Dieser Auftrag wurde schon mit anderen Angaben gesendet.',
      insufficient_funds: 'Auf diesem Konto ist nicht genug Geld.',
      invalid_credentials: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
      last_teller: 'Die letzte Person im Schalterdienst kann die Bank nicht verlassen.',
      not_reversible: 'Dieser Umsatz kann nicht storniert werden.',
      notification_not_found: 'Diese Mitteilung gibt es nicht mehr.',
      password_too_weak: 'Dieses Passwort ist zu leicht zu erraten.',
      payee_not_found: 'Zu dieser Adresse gibt es kein Konto in dieser Währung.',
      period_too_long: 'Der Zeitraum ist zu lang: höchstens 366 Tage.',
      redrive_in_progress: 'Das wird gerade schon erneut zugestellt.',
      same_account: 'Beide Konten sind dasselbe.',
      session_ended: 'Ihre Sitzung ist abgelaufen. Melden Sie sich neu an.',
      too_many_attempts: 'Zu viele Versuche. Warten Sie einige Minuten.',
      too_many_requests: 'Aus diesem Netz kamen zu viele Anfragen. Warten Sie einen Moment.',
      too_many_streams: 'Es sind zu viele Fenster offen.',
      transaction_not_found: 'Diesen Umsatz gibt es nicht.',
      unauthenticated: 'Sie sind abgemeldet. Melden Sie sich neu an.',
      user_has_open_accounts: 'Es gibt noch offene Konten. Lösen Sie sie zuerst auf.',
      user_not_found: 'Diese Person ist nicht bei uns registriert.',
      validation_failed: 'Eine Angabe ist nicht so, wie sie sein muss.',
    },
  },
  invalid: {
    required: 'Bitte ausfüllen.',
    name: 'Schreiben Sie einen Namen mit höchstens 100 Zeichen.',
    email: 'Schreiben Sie eine Adresse wie alice@example.com.',
    phone: 'Ziffern, Leerzeichen, Klammern, Punkte und Striche; 3 bis 32 Zeichen.',
    password: 'Mindestens 15 Zeichen.',
    accountNumber: 'Eine Kontonummer ist eine ganze Zahl wie 42.',
    description: 'Höchstens 200 Zeichen.',
    money: {
      empty: 'Geben Sie einen Betrag ein.',
      not_a_number: 'Schreiben Sie den Betrag so:',
      too_many_decimals: (digits) =>
        digits === 0
          ? 'Diese Währung hat keine Nachkommastellen.'
          : `Höchstens ${plural(digits, 'Nachkommastelle', 'Nachkommastellen')}.`,
      zero: 'Der Betrag muss größer als null sein.',
      too_large: 'Das ist mehr, als ein Konto fassen kann.',
    },
    moreThanAvailable: (amount) => `Mehr als die verfügbaren ${amount}.`,
    sameAccount: 'Wählen Sie ein anderes Konto als das erste.',
    period: 'Der Zeitraum endet, bevor er beginnt.',
  },
};
