import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../apis/flowcontrol/flow-schema.ts'
import type { Labels } from '../../base/metrics.ts'
import type { Level } from './levels.ts'

/** A flow schema as requests meet it. */
export interface Schema {
  readonly name: string
  readonly uid: string
  readonly level: Level
  readonly distinguisher: 'ByUser' | 'ByNamespace' | undefined
  readonly rules: readonly PolicyRulesWithSubjects[]
  readonly labels: Labels
  executing: number
  waiting: number
}

export interface Flow {
  readonly schema: Schema
  /** The user or namespace that makes it a flow of its own. */
  readonly distinguisher: string
}

/** The first schema, by precedence, that is about such requests of such users. The last one is about everything. */
export type Classify = (user: UserInfo, attributes: RequestAttributes) => Flow

/** So many users are remembered with the schemas that may concern them. */
const rememberedUsers = 4096

export function createClassifier(schemas: readonly Schema[]): Classify {
  const candidates = new Map<string, readonly Candidate[]>()
  const last = schemas.at(-1)
  if (!last) throw new Error('classify requests: there is no flow schema')
  return (user, attributes) => {
    // Names may hold any character: nobody may pass for another by a name that is put together like a key.
    const key = JSON.stringify([user.name, ...user.groups])
    let known = candidates.get(key)
    if (!known) {
      if (candidates.size >= rememberedUsers) candidates.clear()
      known = candidatesFor(schemas, user)
      candidates.set(key, known)
    }
    for (const { schema, rules } of known) {
      if (rules.some(rule => ruleMatches(rule, attributes))) return { schema, distinguisher: distinguish(schema, user, attributes) }
    }
    return { schema: last, distinguisher: distinguish(last, user, attributes) }
  }
}

interface Candidate {
  readonly schema: Schema
  /** Those of its rules that are about this user. */
  readonly rules: readonly PolicyRulesWithSubjects[]
}

const candidatesFor = (schemas: readonly Schema[], user: UserInfo): readonly Candidate[] =>
  schemas.flatMap(schema => {
    const rules = schema.rules.filter(({ subjects }) => subjects.some(subject => isMeant(subject, user)))
    return rules.length > 0 ? [{ schema, rules }] : []
  })

function isMeant(subject: Subject, user: UserInfo): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.user?.name === '*' || subject.user?.name === user.name
    case 'Group':
      return subject.group?.name === '*' || user.groups.includes(subject.group?.name ?? '')
    case 'ServiceAccount': {
      const { namespace = '', name = '' } = subject.serviceAccount ?? {}
      const prefix = `system:serviceaccount:${namespace}:`
      return name === '*' ? user.name.startsWith(prefix) : user.name === prefix + name
    }
    default:
      return false
  }
}

const distinguish = ({ distinguisher }: Schema, user: UserInfo, { namespace }: RequestAttributes): string =>
  distinguisher === 'ByUser' ? user.name : distinguisher === 'ByNamespace' ? namespace : ''

const ruleMatches = (rule: PolicyRulesWithSubjects, attributes: RequestAttributes): boolean =>
  attributes.isResourceRequest
    ? (rule.resourceRules?.some(one => resourceMatches(one, attributes)) ?? false)
    : (rule.nonResourceRules?.some(one => pathMatches(one, attributes)) ?? false)

const includes = (values: readonly string[], value: string): boolean => values[0] === '*' || values.includes(value)

function resourceMatches(rule: ResourcePolicyRule, { verb, group, resource, subresource, namespace }: RequestAttributes): boolean {
  return (
    includes(rule.verbs, verb) &&
    includes(rule.apiGroups, group) &&
    (rule.resources[0] === '*' || rule.resources.includes(subresource === '' ? resource : `${resource}/${subresource}`)) &&
    (namespace === '' ? rule.clusterScope === true : includes(rule.namespaces ?? [], namespace))
  )
}

const pathMatches = ({ verbs, nonResourceURLs }: NonResourcePolicyRule, { verb, path }: RequestAttributes): boolean =>
  includes(verbs, verb) &&
  nonResourceURLs.some(url => url === '*' || url === path || (url.endsWith('/*') && path.startsWith(url.slice(0, -1))))

/** In the order in which they are asked. */
export const byPrecedence = (left: FlowSchema, right: FlowSchema): number =>
  (left.spec?.matchingPrecedence ?? 0) - (right.spec?.matchingPrecedence ?? 0) ||
  ((left.metadata.name ?? '') < (right.metadata.name ?? '') ? -1 : 1)
