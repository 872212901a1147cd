// The borders of this repository: who may import whom. `npm run check` enforces them; a message says where a thing belongs instead.

/** What stands beside the sources: it may look behind every border. */
const tests = '\\.(test|spec)\\.ts$|/testing/|^functions/tests/|^eventing/tests/|^web/tests/';

/** The rooms of functions/shared, and of these the ones that stand below each and may be used by it. Operations use them all. */
const roomsBelow = {
  contract: [],
  handler: ['contract'],
  tracing: ['contract'],
  database: ['contract', 'handler', 'tracing'],
  watch: ['contract', 'handler', 'tracing', 'database', 'ledger'],
  access: ['contract', 'handler'],
  credentials: ['contract', 'handler', 'database', 'access'],
  questions: ['contract', 'handler', 'database', 'tracing'],
  ledger: ['contract', 'handler', 'database', 'tracing'],
  reading: ['contract', 'handler'],
  process: ['contract', 'handler', 'database', 'tracing', 'watch', 'questions', 'ledger'],
  serving: ['contract', 'handler', 'database', 'tracing', 'watch', 'access', 'questions', 'reading', 'process'],
  describe: ['contract', 'access', 'questions'],
};

const floors = Object.entries(roomsBelow).map(([room, below]) => ({
  name: `room-${room}`,
  severity: 'error',
  comment: `functions/shared/${room} uses ${listed(below.map((name) => `${name}/`))}. What it shares with other rooms belongs into one that both may use; what puts rooms together belongs into process/, serving/ or the operation.`,
  from: { path: `^functions/shared/${room}/`, pathNot: tests },
  to: { path: '^functions/shared/', pathNot: `^functions/shared/(${[room, ...below].join('|')})/` },
}));

/** Of the rooms of web/src these stand below the others, which are areas: what a person sees together. */
const webRoomsBelow = {
  words: [],
  kit: ['words'],
  app: ['kit', 'words'],
  shared: ['app', 'kit', 'words'],
};
const webRooms = Object.keys(webRoomsBelow);

const webFloors = Object.entries(webRoomsBelow).map(([room, below]) => ({
  name: `web-room-${room}`,
  severity: 'error',
  comment: `web/src/${room} uses ${listed(below.map((name) => `${name}/`))}, and never an area. What only one area needs belongs into that area.`,
  from: { path: `^web/src/${room}/` },
  to: { path: '^web/src/', pathNot: `^web/src/(${[room, ...below].join('|')})/` },
}));

function listed(names) {
  return names.length === 0 ? 'no other room' : `of the other rooms only ${names.join(', ')}`;
}

export default {
  forbidden: [
    {
      name: 'no-circle',
      severity: 'error',
      comment:
        'These files import each other in a circle, if only for types. What both need belongs into a file that imports neither.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'There is no such file: a border around it cannot be checked.',
      from: {},
      to: { couldNotResolve: true, path: '^\\.' },
    },
    ...floors,
    {
      name: 'browsers-load-contracts',
      severity: 'error',
      comment:
        'Browsers load this file: it may import zod, other contracts and functions/shared/contract. What needs more belongs into the operation or another room.',
      from: { path: '^functions/(?!shared/)[^/]+/contract\\.ts$|^functions/shared/contract/', pathNot: tests },
      to: {
        pathNot: '^functions/[^/]+/contract\\.ts$|^functions/shared/contract/|^node_modules/zod/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-other-operation',
      severity: 'error',
      comment:
        'An operation never imports another one; what two need belongs into a room of functions/shared. (post-transaction hands over to others by design.)',
      from: { path: '^functions/(?!shared/|tests/|post-transaction/)([^/]+)/', pathNot: tests },
      to: { path: '^functions/(?!shared/)', pathNot: '^functions/($1/|[^/]+/contract\\.ts$)' },
    },
    {
      name: 'functions-use-events-and-outbox',
      severity: 'error',
      comment:
        'Of eventing/, functions use the event contracts, the outbox and signing only: brokers are reached over HTTP.',
      from: { path: '^functions/', pathNot: tests },
      to: { path: '^eventing/', pathNot: '^eventing/(events|outbox|signing)/' },
    },
    {
      name: 'no-operation-outside',
      severity: 'error',
      comment:
        'Of an operation, this folder imports the contract only: functions are reached over HTTP. (platform/local runs them all, and so loads them.)',
      from: { path: '^(eventing|observability)/', pathNot: tests },
      to: { path: '^functions/(?!shared/)', pathNot: '/contract\\.ts$' },
    },
    {
      name: 'pages-import-contracts',
      severity: 'error',
      comment:
        'Of the server, pages import contracts and functions/shared/contract only. What a page needs of the rest is asked over HTTP, by web/src/app/api.ts.',
      from: { path: '^web/src/' },
      to: {
        path: '^(functions|eventing|platform|observability)/',
        pathNot: '^functions/[^/]+/contract\\.ts$|^functions/shared/contract/',
      },
    },
    ...webFloors,
    {
      name: 'web-no-other-area',
      severity: 'error',
      comment:
        'An area never imports another one, nor what puts pages together. What two areas show belongs into web/src/shared; a part that knows nothing of the bank into web/src/kit.',
      from: { path: '^web/src/([^/]+)/', pathNot: `^web/src/(${webRooms.join('|')})/` },
      to: { path: '^web/src/', pathNot: `^web/src/($1|${webRooms.join('|')})/` },
    },
    {
      name: 'web-logic-without-components',
      severity: 'error',
      comment:
        'Only main.ts and routes.ts name components. A type that logic shares with one belongs into a .ts file beside it.',
      from: { path: '^web/src/.+\\.ts$', pathNot: `^web/src/(main|routes)\\.ts$|${tests}` },
      to: { path: '\\.svelte$' },
    },
    {
      name: 'pages-run-in-browsers',
      severity: 'error',
      comment: 'Browsers have no modules of Node.',
      from: { path: '^web/src/' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|web/dist|\\.microbank)/' },
    // Type-only imports are imports: a circle of them is a circle for the reader.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'svelte', 'default'],
    },
  },
};
