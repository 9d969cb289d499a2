import fc from 'fast-check';

/**
 * Property tests draw the same examples in every run, so that a change fails for what it changes. `FC_SEED=<number>` draws
 * others; a counterexample becomes a test of its own.
 */
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20261123) });
