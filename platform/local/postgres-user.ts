// PostgreSQL refuses to run as root, so root lends it another user, one that need not be able to reach the checkout.
import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CannotStart } from './cannot-start.ts';

type Ids = { uid: number; gid: number };

export type ServerUser = {
  /** Starts a server program as this user; its process id is the program's own. */
  spawn: (program: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
  /** Hands a file or folder over to this user. */
  own: (path: string) => void;
};

/**
 * The user that owns and runs the server in `dataFolder`: ourselves, or when we are root the owner of the data that is already there,
 * else `postgres`, else `nobody`.
 */
export function chooseServerUser(dataFolder: string, programFolder: string): ServerUser {
  const owner = ownerOf(dataFolder);
  const own = process.getuid?.();
  if (own !== 0) {
    if (owner && own !== undefined && owner.uid !== own) {
      throw new CannotStart(
        `${dataFolder} belongs to another user (uid ${owner.uid}); start as that user or as root, or set MICROBANK_DATA`,
      );
    }
    return { spawn: (program, args, options) => spawn(program, args, options), own: () => {} };
  }
  const ids = lentIds(dataFolder);
  if (!ids)
    throw new CannotStart(
      'PostgreSQL does not run as root, and there is no user postgres or nobody; start as another user',
    );
  const reachable = canReach(ids, dirname(dataFolder)) && canReach(ids, programFolder);
  return {
    spawn: reachable
      ? (program, args, options) => spawn(program, args, { ...options, ...ids })
      : (program, args, options) => spawn('setpriv', [...keepReach(ids, programFolder), program, ...args], options),
    own: (path) => chownSync(path, ids.uid, ids.gid),
  };
}

/**
 * As root, lets the server's user, by its group, through `parent` to the data folder in it. Everybody else stays out, and the server needs
 * no capability of root, with which it could read far more than its own data.
 */
export function letServerThrough(parent: string, dataFolder: string): void {
  const ids = process.getuid?.() === 0 ? lentIds(dataFolder) : undefined;
  const { uid, mode } = statSync(parent);
  if (!ids || (mode & 0o777) !== 0o700) return; // What is not private has not been closed by us.
  chownSync(parent, uid, ids.gid);
  chmodSync(parent, 0o710);
}

/** Of the user that root lends to the server of this folder; undefined when the machine has none. */
function lentIds(dataFolder: string): Ids | undefined {
  const owner = ownerOf(dataFolder);
  return (owner?.uid ? owner : undefined) ?? idsOf('postgres') ?? idsOf('nobody');
}

function ownerOf(folder: string): Ids | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found && { uid: found.uid, gid: found.gid };
}

function idsOf(user: string): Ids | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined; // `id` fails for a user that does not exist.
  }
}

function canReach(ids: Ids, folder: string): boolean {
  const { mode, uid, gid } = statSync(folder);
  const search = uid === ids.uid ? 0o100 : gid === ids.gid ? 0o010 : 0o001;
  return (mode & search) !== 0 && (folder === dirname(folder) || canReach(ids, dirname(folder)));
}

// A clone in /root (mode 0700) is out of the other user's reach. The server then keeps the one capability of root that walks past
// folder permissions, rather than us opening /root to everyone: reading only where we hold that, the broader one in most containers.
function keepReach(ids: Ids, programFolder: string): string[] {
  const capability = ['dac_read_search', 'dac_override'].find((name) => holdsCapability(name));
  const programs = process.env['PATH']?.split(':').map((folder) => `${folder}/setpriv`) ?? [];
  if (!capability || !programs.some((program) => statSync(program, { throwIfNoEntry: false }))) {
    const need = capability ? 'install util-linux (setpriv)' : 'run as another user';
    throw new CannotStart(
      `PostgreSQL runs as uid ${ids.uid}, which cannot reach ${programFolder}; ${need}, or move the checkout, e.g. to /opt`,
    );
  }
  // Without the securebit access(2), which initdb asks about its programs, answers as if the capability were not there.
  const ambient = ['--securebits=+no_setuid_fixup', `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`];
  return [`--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups', ...ambient];
}

// Bits of /proc/self/status, from linux/capability.h.
const capabilityBits: Record<string, bigint> = { dac_override: 1n, dac_read_search: 2n };

function holdsCapability(name: string): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return effective !== undefined && (BigInt(`0x${effective}`) & (1n << (capabilityBits[name] ?? 63n))) !== 0n;
  } catch {
    return false; // No /proc: not Linux, and no capabilities either.
  }
}
