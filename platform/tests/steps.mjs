// The steps of `npm run platform:test` in their order, each a file beside this one. `npm run platform:test -- faults` runs one alone.
export const steps = [
  'deploy',
  'smoke',
  'conformance',
  'walk-through',
  'journeys',
  'rollout',
  'faults',
  'restore',
  'policies',
  'roles',
  'idle',
];
