// A new password without the old one: a teller makes a code (issue-code.ts), and who it was given to uses it (use-code.ts).
import { secretOf } from '../shared/database/attempts.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { contract } from './contract.ts';
import { issueCode } from './issue-code.ts';
import { withinLimit } from './reset-limits.ts';
import { useCode } from './use-code.ts';

export const resetPasswordFunction = defineFunction(contract, (environment) => ({
  routes: {
    'POST /users/{id}/password-reset': (command, call) => issueCode(environment, command, call),
    'POST /password-resets': (command, call) => {
      const { config, users, now } = environment;
      const counted = { secret: secretOf(config.databaseUrls.users), address: call.address };
      return withinLimit(users.db, counted, now(), () => useCode(environment, command, call));
    },
  },
}));
