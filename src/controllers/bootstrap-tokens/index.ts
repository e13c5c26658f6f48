/** Tokens with which nodes join: gone when they expire, and signing what a node may read before it knows anybody. */

export { bootstrapTokenCleaner } from './cleaner.ts'
export { bootstrapSigner } from './signer.ts'
