import { defineKind, type Kind, topLevel } from '../../apimachinery/kind.ts'
import { type Infer, keyedList, object, optional } from '../../apimachinery/schema.ts'
import { mapShared, withField } from '../core/sharing.ts'
import { webhookConfigurationKind } from './configuration.ts'
import { matchConditionsField, objectSelectorField, validateWebhooks, webhookFields, withWebhookDefaults } from './webhook.ts'

export const ValidatingWebhook = object(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhook',
  'A server that is asked whether requests may pass.',
  { ...webhookFields, objectSelector: objectSelectorField(10), matchConditions: matchConditionsField(11) },
)
export interface ValidatingWebhook extends Infer<typeof ValidatingWebhook> {}

export const ValidatingWebhookConfiguration = topLevel(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  'Webhooks that are asked, all at once, whether a request may pass.',
  {
    webhooks: optional(2, keyedList(ValidatingWebhook, 'name'), 'The webhooks.', { patchStrategy: 'merge', patchMergeKey: 'name' }),
  },
)
export interface ValidatingWebhookConfiguration extends Infer<typeof ValidatingWebhookConfiguration> {}

export const validatingWebhookConfigurationKind: Kind<ValidatingWebhookConfiguration> = defineKind<ValidatingWebhookConfiguration>({
  ...webhookConfigurationKind,
  kind: 'ValidatingWebhookConfiguration',
  resource: 'validatingwebhookconfigurations',
  schema: ValidatingWebhookConfiguration,
  strategy: {
    ...webhookConfigurationKind.strategy,
    applyDefaults: configuration => withField(configuration, 'webhooks', mapShared(configuration.webhooks, withWebhookDefaults)),
    validate: ({ webhooks }) => validateWebhooks(webhooks, () => []),
  },
})
