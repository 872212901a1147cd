// Tells commands from facts by their types: what asks is `….requested`, what happened is in the past tense.

/** The extension attribute by which a command carries the authority of whoever wants it done. It is neither logged nor kept. */
export const authorityAttribute = 'authority';

/** No outbox has recorded it, so nobody has to give a receipt for it, and it speaks for whoever authorised it. */
export function isCommandType(type: string): boolean {
  return type.startsWith('com.microbank.') && type.endsWith('.requested');
}

/** A dead letter tells what was wanted; with its authority, it could be done. */
export function withoutAuthority(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== authorityAttribute));
}
