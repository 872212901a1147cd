// Where a process listens, as Linux says.
import { readFile, readdir, readlink } from 'node:fs/promises';

const listening = '0A';
const loopback = /^(0100007F|00000000000000000000000001000000):/;

/** Local addresses of its listening TCP sockets as /proc/net/tcp writes them, sorted by whether others can reach them. */
export async function listeningSockets(pid: number): Promise<{ onLoopback: string[]; elsewhere: string[] }> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  const inodes = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')));
  const found = tables
    .flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)))
    .filter(([, , , state, , , , , , inode]) => state === listening && inodes.has(inode))
    .map(([, local = '']) => local);
  return {
    onLoopback: found.filter((local) => loopback.test(local)),
    elsewhere: found.filter((local) => !loopback.test(local)),
  };
}
