// Keeps the functions framework from loading Node's deprecated `domain` module; has to be imported before the framework.
//
// The framework runs every call inside a domain, to catch what a function throws. A domain switches on async hooks for every
// promise of the process, half of the framework's CPU time per request, and its memory grows threefold (measured).
// Here nothing may be thrown: listener.ts wraps each handler, and listener.test.ts proves that a throwing one answers 500.
import { registerHooks } from 'node:module';

const url = 'microbank:without-domain';
/** In place of the module; platform/images/bundle.ts puts it into the bundle, where nothing is resolved any more. */
export const domainStub = 'exports.create = () => ({ on() {}, run: (work) => work(), bind: (work) => work });';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isAsked = specifier === 'domain' && context.parentURL?.includes('/@google-cloud/functions-framework/');
    return isAsked ? { url, format: 'commonjs', shortCircuit: true } : nextResolve(specifier, context);
  },
  load(asked, context, nextLoad) {
    return asked === url ? { format: 'commonjs', source: domainStub, shortCircuit: true } : nextLoad(asked, context);
  },
});
