// The programs of the functions' image: their names there, and the files that they are made of.

/** `main.js` is the one that runs a function; each other is run by a Job. */
export const programs = {
  main: 'functions/shared/serving/main.ts',
  migrate: 'platform/images/programs/migrate.ts',
  'first-teller': 'platform/images/programs/first-teller.ts',
  backup: 'platform/backup/backup.ts',
  restore: 'platform/backup/restore.ts',
  keys: 'platform/images/programs/keys.ts',
  'warm-up': 'platform/images/programs/warm-up.ts',
} as const satisfies Record<string, string>;
