import { badRequest } from '../api-errors.ts'
import { cannotUnmarshal, isJsonObject, type JsonObject, setMember } from '../json-value.ts'

/** RFC 7386: objects merge, null removes, everything else replaces. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) throw badRequest(`error decoding patch: ${cannotUnmarshal(patch, 'value of type map[string]interface {}')}`)
  return mergeInto(isJsonObject(document) ? document : {}, patch)
}

function mergeInto(target: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...target }
  for (const key in patch) {
    const value = patch[key]
    if (value === null) delete result[key]
    else if (!isJsonObject(value)) setMember(result, key, value)
    else {
      const current = Object.hasOwn(target, key) ? target[key] : undefined
      setMember(result, key, mergeInto(isJsonObject(current) ? current : {}, value))
    }
  }
  return result
}
