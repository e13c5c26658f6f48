import { duplicateField, type FieldError, invalidField, requiredField } from '../../apimachinery/field-error.ts'
import { LabelSelector } from '../../apimachinery/meta.ts'
import { validateDns1035Label } from '../../apimachinery/names.ts'
import { validateLabelSelector } from '../../apimachinery/object-meta-validation.ts'
import { atomicList, bytes, type Infer, int32, keyedList, object, optional, required, text } from '../../apimachinery/schema.ts'
import { validateFullyQualifiedName } from '../address-rules.ts'
import { mapShared, withDefault, withField } from '../core/sharing.ts'
import { each, oneOf, optionalOneOf } from '../core/validation/rules.ts'
import { validateWebhookLocation } from '../webhook-rules.ts'
import { conditionProblem } from './expressions.ts'
import { MatchCondition, validateMatchConditions } from './match-condition.ts'
import { RuleWithOperations, validateRule, withRuleDefaults } from './rule.ts'

/** What mutating and validating webhooks have in common. */

export const ServiceReference = object('io.k8s.api.admissionregistration.v1.ServiceReference', 'A service that answers a webhook.', {
  namespace: required(1, text, 'Namespace of the service.'),
  name: required(2, text, 'Name of the service.'),
  path: optional(3, text, 'Path of the URL there.'),
  port: optional(4, int32, 'Port of the service, 443 by default.'),
})
export interface ServiceReference extends Infer<typeof ServiceReference> {}

export const WebhookClientConfig = object('io.k8s.api.admissionregistration.v1.WebhookClientConfig', 'How a webhook is reached.', {
  service: optional(1, ServiceReference, 'A service of the cluster; either this or url.'),
  caBundle: optional(2, bytes, "PEM of who signed the server's certificate; the system's authorities by default."),
  url: optional(3, text, 'An https URL without user, query and fragment; either this or service.'),
})
export interface WebhookClientConfig extends Infer<typeof WebhookClientConfig> {}

export const failurePolicies = ['Fail', 'Ignore']
export const matchPolicies = ['Equivalent', 'Exact']
const allSideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown']
const allowedSideEffects = ['None', 'NoneOnDryRun']

/** The fields of both kinds of webhooks with the same numbers in protobuf. */
export const webhookFields = {
  name: required(1, text, 'Name of the webhook, fully qualified and unique in its list.'),
  clientConfig: required(2, WebhookClientConfig, 'How it is reached.'),
  rules: optional(3, atomicList(RuleWithOperations), 'What it is asked about; one rule that fits is enough.'),
  failurePolicy: optional(4, text, 'What happens to a request if the webhook fails: Fail (the default) refuses it, Ignore lets it pass.', {
    enum: failurePolicies,
  }),
  namespaceSelector: optional(5, LabelSelector, 'Labels of the namespaces it is asked about; all by default.'),
  sideEffects: required(6, text, 'None, or NoneOnDryRun: whether a call changes anything beyond the answer.', { enum: allSideEffects }),
  timeoutSeconds: optional(7, int32, 'How long it may take, 1 to 30 seconds; 10 by default.'),
  admissionReviewVersions: required(8, atomicList(text), 'Versions of AdmissionReview that it understands, the best one first.'),
  matchPolicy: optional(9, text, 'Exact, or Equivalent (the default): whether requests for other versions of a resource count.', {
    enum: matchPolicies,
  }),
} as const

export const objectSelectorField = (proto: number) =>
  optional(proto, LabelSelector, 'Labels of the objects it is asked about, before or after the change; all by default.')

export const matchConditionsField = (proto: number) =>
  optional(proto, keyedList(MatchCondition, 'name'), 'Expressions that all must be true for it to be asked; at most 64.', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  })

const webhookShape = object('', '', {
  ...webhookFields,
  objectSelector: objectSelectorField(0),
  matchConditions: matchConditionsField(0),
})
/** A webhook of either kind. */
export type Webhook = Infer<typeof webhookShape>

const defaultPort = 443
const defaultTimeout_s = 10

export function withWebhookDefaults<W extends Webhook>(given: W): W {
  let webhook: Webhook = given
  webhook = withDefault(webhook, 'failurePolicy', 'Fail')
  webhook = withDefault(webhook, 'matchPolicy', 'Equivalent')
  webhook = withDefault(webhook, 'namespaceSelector', {})
  webhook = withDefault(webhook, 'objectSelector', {})
  if (webhook.timeoutSeconds === undefined) webhook = { ...webhook, timeoutSeconds: defaultTimeout_s }
  webhook = withField(webhook, 'rules', mapShared(webhook.rules, withRuleDefaults))
  const { clientConfig } = webhook
  if (clientConfig?.service && clientConfig.service.port === undefined)
    webhook = { ...webhook, clientConfig: { ...clientConfig, service: { ...clientConfig.service, port: defaultPort } } }
  return webhook as W
}

export function validateWebhooks<W extends Webhook>(
  webhooks: readonly W[] | undefined,
  validateOwn: (webhook: W, path: string) => FieldError[],
): FieldError[] {
  const names = new Set<string>()
  return each(webhooks, 'webhooks', (webhook, path) => {
    const { name = '' } = webhook
    const repeated = name !== '' && names.has(name)
    names.add(name)
    return [
      ...validateWebhook(webhook, path),
      ...validateOwn(webhook, path),
      ...validateReviewVersions(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`),
      ...(repeated ? [duplicateField(`${path}.name`, name)] : []),
    ]
  })
}

function validateWebhook(webhook: Webhook, path: string): FieldError[] {
  const { name = '', rules, timeoutSeconds, sideEffects, clientConfig } = webhook
  const badTimeout = timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > 30)
  return [
    ...validateFullyQualifiedName(name, `${path}.name`),
    ...each(rules, `${path}.rules`, (rule, at) => validateRule(rule, at)),
    ...optionalOneOf(webhook.failurePolicy, `${path}.failurePolicy`, failurePolicies),
    ...optionalOneOf(webhook.matchPolicy, `${path}.matchPolicy`, matchPolicies),
    ...(sideEffects
      ? oneOf(sideEffects, `${path}.sideEffects`, allowedSideEffects)
      : [requiredField(`${path}.sideEffects`, `must specify one of ${allowedSideEffects.join(', ')}`)]),
    ...(badTimeout ? [invalidField(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds')] : []),
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...validateWebhookLocation(clientConfig ?? {}, `${path}.clientConfig`),
    ...validateMatchConditions(webhook.matchConditions, `${path}.matchConditions`, checkMatchCondition),
  ]
}

const checkMatchCondition = (expression: string): string | undefined => conditionProblem(expression, false)

/** The versions of AdmissionReview that the API server speaks. */
export const reviewVersions = ['v1', 'v1beta1']

function validateReviewVersions(versions: readonly string[], path: string): FieldError[] {
  const accepted = reviewVersions.join(', ')
  if (versions.length === 0) return [requiredField(path, `must specify one of ${accepted}`)]
  const seen = new Set<string>()
  const errors = each(versions, path, (version, at) => {
    if (seen.has(version)) return [invalidField(at, version, 'duplicate version')]
    seen.add(version)
    return validateDns1035Label(version).map(message => invalidField(at, version, message))
  })
  if (!versions.some(version => reviewVersions.includes(version)))
    errors.push(invalidField(path, versions, `must include at least one of ${accepted}`))
  return errors
}
