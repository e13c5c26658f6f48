import type { ServedVersion } from '../../../apimachinery/kind.ts'
import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import type { MatchResources } from '../../../apis/admissionregistration/match-resources.ts'
import type { ParamKind, ParamRef } from '../../../apis/admissionregistration/params.ts'
import type { AdmissionRequest } from '../../types.ts'
import { isExempt, isInternal } from '../rule-matcher.ts'
import { type RequestMatcher, requestMatcher } from './matcher.ts'

/** What policies of either kind have in common. */
export interface PolicyObject extends KubernetesObject {
  readonly spec?: {
    readonly paramKind?: ParamKind
    readonly matchConstraints?: MatchResources
    readonly failurePolicy?: string
  }
}

export interface BindingObject extends KubernetesObject {
  readonly spec?: {
    readonly policyName?: string
    readonly paramRef?: ParamRef
    readonly matchResources?: MatchResources
    readonly validationActions?: readonly string[]
  }
}

/** A policy that at least one binding puts into force. */
export interface ActivePolicy<Compiled> {
  readonly name: string
  readonly paramKind: ParamKind | undefined
  readonly ignoresFailure: boolean
  readonly matcher: RequestMatcher
  /** Made when first needed, and once for each version of the policy. */
  readonly compiled: () => Compiled
  readonly bindings: readonly ActiveBinding[]
}

export interface ActiveBinding {
  readonly name: string
  readonly paramRef: ParamRef | undefined
  /** Absent: everything that the policy is about. */
  readonly matcher: RequestMatcher | undefined
  readonly actions: readonly string[]
}

export interface Candidate<Compiled> {
  readonly policy: ActivePolicy<Compiled>
  readonly served: ServedVersion
}

/** Policies by what their rules are about: worked out once for each kind of request, since most requests concern none. */
export interface PolicyTable<Compiled> {
  candidates(request: AdmissionRequest): readonly Candidate<Compiled>[]
}

export function createPolicyTable<Compiled>(active: readonly ActivePolicy<Compiled>[]): PolicyTable<Compiled> {
  const none: readonly Candidate<Compiled>[] = []
  if (active.length === 0) return { candidates: () => none }
  const known = new WeakMap<ServedVersion, Map<string, readonly Candidate<Compiled>[]>>()
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
        found = isExempt(request.kind) || isInternal(request) ? none : findCandidates(active, request)
        byOperation.set(key, found)
      }
      return found
    },
  }
}

const findCandidates = <Compiled>(active: readonly ActivePolicy<Compiled>[], request: AdmissionRequest): readonly Candidate<Compiled>[] =>
  active.flatMap(policy => {
    const served = policy.matcher.versionFor(request)
    return served ? [{ policy, served }] : []
  })

/** By name: policies in their order, and the bindings of each in theirs. */
export function activePolicies<Policy extends PolicyObject, Compiled>(
  policies: readonly Policy[],
  bindings: readonly BindingObject[],
  compile: (policy: Policy) => Compiled,
): readonly ActivePolicy<Compiled>[] {
  const byPolicy = Map.groupBy(bindings.toSorted(byName), ({ spec }) => spec?.policyName ?? '')
  return policies.toSorted(byName).flatMap(policy => {
    const name = policy.metadata.name ?? ''
    const own = byPolicy.get(name)
    return own ? [activePolicy(policy, own.map(activeBinding), compile)] : []
  })
}

const byName = (a: KubernetesObject, b: KubernetesObject): number => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)

const activePolicy = <Policy extends PolicyObject, Compiled>(
  policy: Policy,
  bindings: readonly ActiveBinding[],
  compile: (policy: Policy) => Compiled,
): ActivePolicy<Compiled> => ({
  name: policy.metadata.name ?? '',
  paramKind: policy.spec?.paramKind,
  ignoresFailure: policy.spec?.failurePolicy === 'Ignore',
  matcher: requestMatcher(policy.spec?.matchConstraints ?? {}),
  compiled: () => compile(policy),
  bindings,
})

const activeBinding = ({ metadata, spec = {} }: BindingObject): ActiveBinding => ({
  name: metadata.name ?? '',
  paramRef: spec.paramRef,
  matcher: spec.matchResources && requestMatcher(spec.matchResources),
  actions: spec.validationActions ?? [],
})

/** Is the binding about the request? */
export const bindingMatches = ({ matcher }: ActiveBinding, request: AdmissionRequest): boolean =>
  matcher === undefined || (matcher.versionFor(request) !== undefined && matcher.matches(request))
