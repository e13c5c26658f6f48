import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import type { PolicyRule } from '../../apis/rbac/role.ts'
import type { Subject } from '../../apis/rbac/role-binding.ts'

/** RBAC's rules as pure functions. */

/** Does one rule allow this request? */
export function ruleAllows(rule: PolicyRule, attributes: RequestAttributes): boolean {
  if (!hasOrAll(rule.verbs, attributes.verb)) return false
  if (!attributes.isResourceRequest) return (rule.nonResourceURLs ?? []).some(pattern => matchesPath(pattern, attributes.path))
  return (
    hasOrAll(rule.apiGroups, attributes.group) &&
    matchesResource(rule.resources ?? [], attributes.resource, attributes.subresource) &&
    // A rule that names objects never allows requests without a name, such as list.
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  )
}

const hasOrAll = (values: readonly string[] | undefined, value: string): boolean =>
  values?.includes('*') || values?.includes(value) || false

function matchesResource(patterns: readonly string[], resource: string, subresource: string): boolean {
  const wanted = subresource ? `${resource}/${subresource}` : resource
  return patterns.some(pattern => pattern === '*' || pattern === wanted || (subresource !== '' && pattern === `*/${subresource}`))
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))
}

/** Under which names bindings may mean this user. */
export const subjectKeys = (user: UserInfo): string[] => [userKey(user.name), ...user.groups.map(groupKey)]

const userKey = (name: string) => `User ${name}`
const groupKey = (name: string) => `Group ${name}`

const serviceAccountUser = (namespace: string, name: string) => `system:serviceaccount:${namespace}:${name}`

/** The key of a binding's subject, among those of `subjectKeys`. */
export function keyOfSubject(subject: Subject, namespace: string): string {
  if (subject.kind === 'ServiceAccount') return userKey(serviceAccountUser(subject.namespace ?? namespace, subject.name))
  return subject.kind === 'Group' ? groupKey(subject.name) : userKey(subject.name)
}

/** So many comparisons are made for one answer: rules of a few long lists stand for more rights than there is time for. */
const mostComparisons = 10_000_000

/**
 * The rules among `wanted` that `owned` does not cover, each broken down to one verb on one resource, as upstream
 * names them in its refusal. Beyond a bound, rules that are not covered as a whole by one that is owned count as missing.
 */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing: PolicyRule[] = []
  const weight = owned.reduce((sum, own) => sum + lengthOf(own), 1)
  let left = mostComparisons
  for (const rule of wanted) {
    left -= lengthOf(rule) * weight
    if (left >= 0 ? owned.some(own => coversWhole(own, rule)) : owned.some(own => allowsAllSuch(own, rule))) continue
    left -= sizeOf(rule) * weight
    if (left < 0) missing.push(rule)
    else missing.push(...breakDown(rule).filter(simple => !owned.some(own => covers(own, simple))))
  }
  return missing
}

/** A rule allows each of its verbs on each of its resources, so that lists can be compared one by one. */
function coversWhole(
  own: PolicyRule,
  { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule,
): boolean {
  const [verb] = verbs
  if (verb === undefined || !verbs.every(one => hasOrAll(own.verbs, one))) return false
  if (!nonResourceURLs.every(url => covers(own, { verbs: [verb], nonResourceURLs: [url] }))) return false
  const [group, resource] = [apiGroups[0], resources[0]]
  if (group === undefined || resource === undefined) return nonResourceURLs.length > 0
  const named = resourceNames.length > 0 ? resourceNames.map(name => [name]) : [[]]
  return (
    apiGroups.every(one => hasOrAll(own.apiGroups, one)) &&
    resources.every(one => covers(own, { verbs: [verb], apiGroups: [group], resources: [one], resourceNames: named[0] })) &&
    named.every(names => covers(own, { verbs: [verb], apiGroups: [group], resources: [resource], resourceNames: names }))
  )
}

/** Told without looking at what is wanted. */
const allowsAllSuch = (own: PolicyRule, { resources, nonResourceURLs }: PolicyRule): boolean =>
  isAll(own.verbs) &&
  (!nonResourceURLs?.length || isAll(own.nonResourceURLs)) &&
  (!resources?.length || (isAll(own.apiGroups) && isAll(own.resources) && !own.resourceNames?.length))

const isAll = (values: readonly string[] | undefined): boolean => values?.includes('*') === true

const lengthOf = ({ verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): number =>
  verbs.length + apiGroups.length + resources.length + resourceNames.length + nonResourceURLs.length

function sizeOf({ verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): number {
  return verbs.length * (nonResourceURLs.length + apiGroups.length * resources.length * Math.max(1, resourceNames.length))
}

function breakDown(rule: PolicyRule): PolicyRule[] {
  const simple: PolicyRule[] = []
  for (const verb of rule.verbs ?? []) {
    for (const url of rule.nonResourceURLs ?? []) simple.push({ verbs: [verb], nonResourceURLs: [url] })
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const one = { verbs: [verb], apiGroups: [group], resources: [resource] }
        if (!rule.resourceNames?.length) simple.push(one)
        for (const name of rule.resourceNames ?? []) simple.push({ ...one, resourceNames: [name] })
      }
    }
  }
  return simple
}

/** `simple` names one verb and one resource or path. */
function covers(own: PolicyRule, simple: PolicyRule): boolean {
  if (!hasOrAll(own.verbs, simple.verbs?.[0] ?? '')) return false
  const url = simple.nonResourceURLs?.[0]
  if (url !== undefined) return (own.nonResourceURLs ?? []).some(pattern => pattern === url || matchesPath(pattern, url))
  if (!hasOrAll(own.apiGroups, simple.apiGroups?.[0] ?? '')) return false
  const [resource = '', subresource = ''] = (simple.resources?.[0] ?? '').split('/')
  if (!matchesResource(own.resources ?? [], resource, subresource)) return false
  const name = simple.resourceNames?.[0]
  return !own.resourceNames?.length || (name !== undefined && own.resourceNames.includes(name))
}

/** Joins rules about one resource that differ in their verbs only. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const compact: PolicyRule[] = []
  const simple = new Map<string, { rule: PolicyRule; index: number }>()
  for (const rule of rules) {
    if (rule.resourceNames?.length || rule.nonResourceURLs?.length || rule.apiGroups?.length !== 1 || rule.resources?.length !== 1) {
      compact.push(rule)
      continue
    }
    const key = `${rule.resources[0]}.${rule.apiGroups[0]}`
    const known = simple.get(key)
    const verbs = known ? [...(known.rule.verbs ?? []), ...(rule.verbs ?? [])] : rule.verbs
    const joined = { rule: { ...rule, verbs }, index: known?.index ?? compact.length }
    simple.set(key, joined)
    compact[joined.index] = joined.rule
  }
  return compact
}

/** `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get"]}`, upstream's compact form. */
export function formatRule(rule: PolicyRule): string {
  const part = (name: string, values: readonly string[] | undefined) =>
    values?.length ? [`${name}:[${values.map(value => JSON.stringify(value)).join(' ')}]`] : []
  const parts = [
    ...part('APIGroups', rule.apiGroups),
    ...part('Resources', rule.resources),
    ...part('ResourceNames', rule.resourceNames),
    ...part('NonResourceURLs', rule.nonResourceURLs),
    ...part('Verbs', rule.verbs),
  ]
  return `{${parts.join(', ')}}`
}
