import { type CelProgram, celTypes, compileCel, formatIssues, listOf, mapOf, objectOf } from '../../apimachinery/cel/index.ts'
import { boolean, duration, type Infer, list, object, optional, text } from '../../apimachinery/schema.ts'
import type { SubjectAccessReview } from '../../apis/authorization/subject-access-review.ts'
import { readConfigurationFile } from '../configuration-file.ts'

const prefix = 'io.k8s.apiserver.config.v1'
const Connection = object(`${prefix}.WebhookConnectionInfo`, 'How the webhook is reached.', {
  type: optional(1, text, 'KubeConfigFile.'),
  kubeConfigFile: optional(2, text, 'A kubeconfig whose server is asked.'),
})
const Condition = object(`${prefix}.WebhookMatchCondition`, 'When the webhook is asked.', {
  expression: optional(1, text, 'CEL over request, the spec of the review, that must be true.'),
})
const Webhook = object(`${prefix}.WebhookConfiguration`, 'A server outside that decides.', {
  authorizedTTL: optional(1, duration, 'How long a yes is believed.', { default: '5m0s' }),
  unauthorizedTTL: optional(2, duration, 'How long a no is believed.', { default: '30s' }),
  timeout: optional(3, duration, 'How long an answer may take, at most 30s.'),
  subjectAccessReviewVersion: optional(4, text, 'v1.'),
  matchConditionSubjectAccessReviewVersion: optional(5, text, 'v1, where there are conditions.'),
  failurePolicy: optional(6, text, 'NoOpinion or Deny, where no answer comes.'),
  connectionInfo: optional(7, Connection, 'How it is reached.'),
  matchConditions: optional(8, list(Condition), 'When it is asked; always if left out.'),
  cacheAuthorizedRequests: optional(9, boolean, 'Whether a yes is believed at all.', { default: true }),
  cacheUnauthorizedRequests: optional(10, boolean, 'Whether a no is believed at all.', { default: true }),
})
interface Webhook extends Infer<typeof Webhook> {}
const Authorizer = object(`${prefix}.AuthorizerConfiguration`, 'Who decides.', {
  type: optional(1, text, 'Node, RBAC, Webhook, AlwaysAllow or AlwaysDeny.'),
  name: optional(2, text, 'Its name in metrics and logs.'),
  webhook: optional(3, Webhook, 'For Webhook.'),
})
const AuthorizationConfiguration = object(`${prefix}.AuthorizationConfiguration`, 'Who decides what may be done.', {
  apiVersion: optional(0, text, 'apiserver.config.k8s.io/v1'),
  kind: optional(0, text, 'AuthorizationConfiguration'),
  authorizers: optional(1, list(Authorizer), 'Asked in order.'),
})

/** One place in the order of those who decide. */
export type AuthorizerChoice =
  | { readonly type: 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny' }
  | { readonly type: 'Webhook'; readonly name: string; readonly webhook: WebhookChoice }

export interface WebhookChoice {
  readonly kubeconfig: string
  readonly timeout_ms: number
  readonly authorizedTtl_ms: number
  readonly unauthorizedTtl_ms: number
  readonly failurePolicy: 'NoOpinion' | 'Deny'
  readonly matches?: (review: SubjectAccessReview) => boolean
}

type Fail = (problem: string) => never

export function parseAuthorizationConfiguration(content: string, source: string): readonly AuthorizerChoice[] {
  const { authorizers = [] } = readConfigurationFile(content, {
    source,
    schema: AuthorizationConfiguration,
    apiVersions: ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1'],
    kind: 'AuthorizationConfiguration',
  })
  const fail: Fail = problem => {
    throw new Error(`read AuthorizationConfiguration ${source}: ${problem}`)
  }
  if (authorizers.length === 0) fail('authorizers: Required value: at least one authorization mode must be defined')
  const names = new Set<string>()
  return authorizers.map(({ type = '', name = '', webhook }, index) => {
    const path = `authorizers[${index}]`
    if (name === '') fail(`${path}.name: Required value`)
    const unique = type === 'Webhook' ? name : type
    if (names.has(unique)) fail(`${path}: Duplicate value: ${JSON.stringify(unique)}`)
    names.add(unique)
    if (type !== 'Webhook') {
      if (webhook) fail(`${path}.webhook: Invalid value: "non-null": may only be specified when type=Webhook`)
      return { type: modeOf(type, problem => fail(`${path}.type: ${problem}`)) }
    }
    return {
      type,
      name,
      webhook: readWebhook(webhook ?? fail(`${path}.webhook: Required value: required when type=Webhook`), `${path}.webhook`, fail),
    }
  })
}

/** `Node,RBAC`, as the flag has it. */
export const parseAuthorizationModes = (text: string): readonly AuthorizerChoice[] =>
  text.split(',').map(mode => ({
    type: modeOf(mode.trim(), problem => {
      throw new Error(`read --authorization-mode ${JSON.stringify(text)}: ${problem}; webhooks stand in --authorization-config`)
    }),
  }))

const modes = ['Node', 'RBAC', 'AlwaysAllow', 'AlwaysDeny'] as const

function modeOf(type: string, fail: Fail): (typeof modes)[number] {
  return (
    modes.find(mode => mode === type) ??
    fail(`Unsupported value: ${JSON.stringify(type)}: supported values: ${modes.map(mode => JSON.stringify(mode)).join(', ')}`)
  )
}

const longest_ms = 30_000

function readWebhook(webhook: Webhook, path: string, fail: Fail): WebhookChoice {
  const { timeout, failurePolicy, connectionInfo, matchConditions = [], subjectAccessReviewVersion } = webhook
  const { authorizedTTL = '', unauthorizedTTL = '', cacheAuthorizedRequests, cacheUnauthorizedRequests } = webhook
  if (!timeout) return fail(`${path}.timeout: Required value`)
  const timeout_ms = milliseconds(timeout, `${path}.timeout`, fail)
  if (timeout_ms <= 0 || timeout_ms > longest_ms) fail(`${path}.timeout: Invalid value: ${JSON.stringify(timeout)}: must be <= 30s`)
  if (subjectAccessReviewVersion !== 'v1')
    fail(
      `${path}.subjectAccessReviewVersion: Unsupported value: ${JSON.stringify(subjectAccessReviewVersion ?? '')}: supported values: "v1"`,
    )
  if (failurePolicy !== 'NoOpinion' && failurePolicy !== 'Deny')
    return fail(`${path}.failurePolicy: Unsupported value: ${JSON.stringify(failurePolicy ?? '')}: supported values: "Deny", "NoOpinion"`)
  if (connectionInfo?.type !== 'KubeConfigFile')
    fail(
      `${path}.connectionInfo.type: Unsupported value: ${JSON.stringify(connectionInfo?.type ?? '')}: supported values: "KubeConfigFile"`,
    )
  const kubeconfig = connectionInfo?.kubeConfigFile || fail(`${path}.connectionInfo.kubeConfigFile: Required value`)
  if (!kubeconfig.startsWith('/'))
    fail(`${path}.connectionInfo.kubeConfigFile: Invalid value: ${JSON.stringify(kubeconfig)}: must be an absolute path`)
  const programs = matchConditions.map(({ expression = '' }, index) =>
    compile(expression, `${path}.matchConditions[${index}].expression`, fail),
  )
  return {
    kubeconfig,
    timeout_ms,
    authorizedTtl_ms: cacheAuthorizedRequests === false ? 0 : milliseconds(authorizedTTL, `${path}.authorizedTTL`, fail),
    unauthorizedTtl_ms: cacheUnauthorizedRequests === false ? 0 : milliseconds(unauthorizedTTL, `${path}.unauthorizedTTL`, fail),
    failurePolicy,
    ...(programs.length > 0 && { matches: (review: SubjectAccessReview) => programs.every(program => holds(program, review)) }),
  }
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function milliseconds(value: string, path: string, fail: Fail): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value))
    return fail(`${path}: Invalid value: ${JSON.stringify(value)}: a duration such as 30s or 5m is needed`)
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0),
    0,
  )
}

const { string } = celTypes
const requirement = objectOf('kubernetes.SelectorRequirement', { key: string, operator: string, values: listOf(string) })
const selector = (name: string) => objectOf(name, { rawSelector: string, requirements: listOf(requirement) })
const requestType = objectOf('kubernetes.SubjectAccessReviewSpec', {
  resourceAttributes: objectOf('kubernetes.ResourceAttributes', {
    namespace: string,
    verb: string,
    group: string,
    version: string,
    resource: string,
    subresource: string,
    name: string,
    fieldSelector: selector('kubernetes.FieldSelectorAttributes'),
    labelSelector: selector('kubernetes.LabelSelectorAttributes'),
  }),
  nonResourceAttributes: objectOf('kubernetes.NonResourceAttributes', { path: string, verb: string }),
  user: string,
  groups: listOf(string),
  extra: mapOf(string, listOf(string)),
  uid: string,
})

function compile(expression: string, path: string, fail: Fail): CelProgram {
  const compiled = compileCel(expression, { variables: { request: requestType }, results: [celTypes.bool] })
  return (
    compiled.program ??
    fail(`${path}: Invalid value: ${JSON.stringify(expression)}: compilation failed: ${formatIssues(expression, compiled.issues ?? [])}`)
  )
}

/** Throws where the expression fails: then the failure policy decides. Fields that a request does not have are empty. */
function holds(program: CelProgram, { spec }: SubjectAccessReview): boolean {
  const { resourceAttributes, nonResourceAttributes } = spec
  const request = {
    ...spec,
    ...(resourceAttributes && {
      resourceAttributes: { namespace: '', group: '', version: '', subresource: '', name: '', ...resourceAttributes },
    }),
    ...(nonResourceAttributes && { nonResourceAttributes }),
  }
  const { value, error } = program.evaluate({ request }, { costLimit: 10_000_000 })
  if (error !== undefined) throw new Error(`evaluate ${JSON.stringify(program.source)}: ${error.message}`)
  return value === true
}
