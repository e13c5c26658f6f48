import type { ServedVersion } from '../../../apimachinery/kind.ts'
import { labelSelectorMatcher } from '../../../apimachinery/selectors.ts'
import type { MatchResources, NamedRuleWithOperations } from '../../../apis/admissionregistration/match-resources.ts'
import type { AdmissionRequest } from '../../types.ts'
import { matchRules } from '../rule-matcher.ts'
import { matchesNamespace, matchesObject } from '../selector-match.ts'
import { placeOf } from '../webhooks/review.ts'

/** What a policy or a binding is about. */
export interface RequestMatcher {
  /** By what is the same for all requests of a kind: the version in which it wants to see them, or undefined. */
  readonly versionFor: (request: AdmissionRequest) => ServedVersion | undefined
  /** By names and labels. */
  readonly matches: (request: AdmissionRequest) => boolean
}

export function requestMatcher(match: MatchResources): RequestMatcher {
  const { resourceRules = [], excludeResourceRules = [], matchPolicy } = match
  const namespaces = labelSelectorMatcher(match.namespaceSelector ?? {})
  const objects = labelSelectorMatcher(match.objectSelector ?? {})
  const hasNames = resourceRules.some(isNamed)
  const versionFor = (rules: readonly NamedRuleWithOperations[], request: AdmissionRequest): ServedVersion | undefined =>
    matchRules(rules, request, request.served, matchPolicy)
  return {
    // Bindings without rules are about whatever their policy is about.
    versionFor: request => (resourceRules.length === 0 ? request.served : versionFor(resourceRules, request)),
    matches(request) {
      if (!matchesNamespace(namespaces, request) || !matchesObject(objects, request)) return false
      if (excludeResourceRules.length > 0 && versionFor(named(excludeResourceRules, request), request)) return false
      return !hasNames || versionFor(named(resourceRules, request), request) !== undefined
    },
  }
}

const isNamed = ({ resourceNames }: NamedRuleWithOperations): boolean => (resourceNames?.length ?? 0) > 0

function named(rules: readonly NamedRuleWithOperations[], request: AdmissionRequest): readonly NamedRuleWithOperations[] {
  const { name } = placeOf(request)
  return rules.filter(rule => !isNamed(rule) || rule.resourceNames?.includes(name))
}
