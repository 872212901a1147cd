// A name as strangers may see it: enough to notice a wrong address, too little to find out who has it.

/** `Alice J.` of Alice Johnson; a name of one word stays, and so does the first of several when the last has no letter. */
export function shortenName(name: string): string {
  const [first = '', ...more] = name.trim().split(/\s+/);
  // With its accents, which may be characters of their own.
  const initial = /\p{L}\p{M}*/u.exec(more.at(-1) ?? '')?.[0];
  return initial === undefined ? first : `${first} ${initial}.`;
}
