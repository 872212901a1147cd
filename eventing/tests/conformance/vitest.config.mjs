// Runs the conformance suite against a Broker somewhere else; unlike `npm test` it needs no PostgreSQL.
export default { test: { include: ['eventing/tests/conformance/knative.spec.ts'], teardownTimeout: 60_000 } };
