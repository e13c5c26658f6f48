/**
 * Patches: pure functions from a document and a patch to a new document.
 * In go plain JSON values, out comes a new value that shares what did not change; the original is never touched.
 * Nothing here knows kinds beyond their schema, and nothing here decodes, defaults or validates.
 * What is wrong with a patch is thrown as the StatusError that upstream answers.
 */
export { applyJsonPatch, defaultPatchLimits, type PatchLimits } from './json-patch.ts'
export { applyMergePatch } from './merge-patch.ts'
export { applyStrategicMergePatch } from './strategic-merge-patch.ts'
