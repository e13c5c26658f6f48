import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, keyedList, object, optional, text } from '../../apimachinery/schema.ts'
import { mapShared, withDefault, withField } from '../core/sharing.ts'
import { optionalOneOf } from '../core/validation/rules.ts'
import { webhookConfigurationKind } from './configuration.ts'
import { matchConditionsField, objectSelectorField, validateWebhooks, webhookFields, withWebhookDefaults } from './webhook.ts'

export const reinvocationPolicies = ['IfNeeded', 'Never']

export const MutatingWebhook = object(
  'io.k8s.api.admissionregistration.v1.MutatingWebhook',
  'A server that is asked what to change in requests, and whether they may pass.',
  {
    ...webhookFields,
    reinvocationPolicy: optional(10, text, 'Never (the default), or IfNeeded: asked once more if something after it changed the object.', {
      enum: reinvocationPolicies,
    }),
    objectSelector: objectSelectorField(11),
    matchConditions: matchConditionsField(12),
  },
)
export interface MutatingWebhook extends Infer<typeof MutatingWebhook> {}

export const MutatingWebhookConfiguration = topLevel(
  'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
  'Webhooks that are asked, one after the other, what to change in a request.',
  {
    webhooks: optional(2, keyedList(MutatingWebhook, 'name'), 'The webhooks, in their order.', {
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    }),
  },
)
export interface MutatingWebhookConfiguration extends Infer<typeof MutatingWebhookConfiguration> {}

export const mutatingWebhookConfigurationKind: Kind<MutatingWebhookConfiguration> = defineKind<MutatingWebhookConfiguration>({
  ...webhookConfigurationKind,
  kind: 'MutatingWebhookConfiguration',
  resource: 'mutatingwebhookconfigurations',
  schema: MutatingWebhookConfiguration,
  strategy: {
    ...webhookConfigurationKind.strategy,
    applyDefaults: configuration => withField(configuration, 'webhooks', mapShared(configuration.webhooks, withDefaults)),
    validate: ({ webhooks }) =>
      validateWebhooks(webhooks, ({ reinvocationPolicy }, path) =>
        optionalOneOf(reinvocationPolicy, `${path}.reinvocationPolicy`, reinvocationPolicies),
      ),
  },
})

const withDefaults = (webhook: MutatingWebhook): MutatingWebhook => withDefault(withWebhookDefaults(webhook), 'reinvocationPolicy', 'Never')
