import type { ServedVersion } from '../../../apimachinery/kind.ts'
import type { AdmissionRequest } from '../../types.ts'
import { isExempt, isInternal, matchRules } from '../rule-matcher.ts'
import type { Hook } from './hooks.ts'

/** A hook whose rules are about a kind of request, with the version in which it wants to be asked. */
export interface Candidate {
  readonly hook: Hook
  readonly served: ServedVersion
}

/** Hooks by what their rules are about: worked out once for each kind of request, since most requests concern none. */
export interface HookTable {
  candidates(request: AdmissionRequest): readonly Candidate[]
}

const none: readonly Candidate[] = []

export function createHookTable(hooks: readonly Hook[]): HookTable {
  if (hooks.length === 0) return { candidates: () => none }
  const known = new WeakMap<ServedVersion, Map<string, readonly Candidate[]>>()
  return {
    candidates(request) {
      const { served, operation, subresource } = request
      let byOperation = known.get(served)
      if (!byOperation) {
        byOperation = new Map()
        known.set(served, byOperation)
      }
      const key = subresource === '' ? operation : `${operation} ${subresource}`
      let found = byOperation.get(key)
      if (!found) {
        found = findCandidates(hooks, request)
        byOperation.set(key, found)
      }
      return found
    },
  }
}

function findCandidates(hooks: readonly Hook[], request: AdmissionRequest): readonly Candidate[] {
  if (isExempt(request.kind) || isInternal(request)) return none
  return hooks.flatMap(hook => {
    const served = matchRules(hook.webhook.rules ?? [], request, request.served, hook.webhook.matchPolicy)
    return served ? [{ hook, served }] : []
  })
}
