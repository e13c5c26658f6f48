/**
 * The schemas of custom resources, as their definitions state them: pruning, defaulting and validation of values, and what
 * they are in our own schema language. Everything is pure, works on plain JSON, and is derived when a value first needs it,
 * since many definitions are served and few are used.
 */
export { keysOf } from './correlate.ts'
export { defaulterOf } from './defaults.ts'
export { validateEmbedded } from './embedded.ts'
export { hasRules, validateRules } from './evaluate-rules.ts'
export { isKnownFormat } from './formats.ts'
export * from './json-schema.ts'
export { validateLists } from './lists.ts'
export { patternProblem } from './pattern.ts'
export { prune } from './prune.ts'
export { type PublishOptions, publishSchema } from './publish.ts'
export { compileExpression, selfTypeOf } from './rules.ts'
export { customKindSchema, schemaNodeOf } from './schema-node.ts'
export { settler } from './settle.ts'
export { jsonTypeOf, type Old, validateJson } from './validate.ts'
