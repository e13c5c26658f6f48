import type { KubernetesObject } from '../../../apimachinery/meta.ts'
import { type LabelMatcher, labelSelectorMatcher } from '../../../apimachinery/selectors.ts'
import type { MutatingWebhook } from '../../../apis/admissionregistration/mutating-webhook-configuration.ts'
import type { ValidatingWebhook } from '../../../apis/admissionregistration/validating-webhook-configuration.ts'
import { type Destination, destinationOf } from '../../outgoing/index.ts'
import { compileMatchConditions, type MatchConditions } from '../expressions/match-conditions.ts'

/** A webhook with everything that can be settled before a request comes. */
export interface Hook {
  readonly webhook: MutatingWebhook | ValidatingWebhook
  readonly name: string
  readonly configuration: string
  readonly destination: Destination | undefined
  readonly namespaces: LabelMatcher
  readonly objects: LabelMatcher
  /** Absent: there are none. */
  readonly conditions: MatchConditions | undefined
  readonly ignoresFailure: boolean
  readonly isReinvoked: boolean
}

type Configuration = KubernetesObject & { readonly webhooks?: readonly (MutatingWebhook | ValidatingWebhook)[] }

/** In the order in which they are asked: by the configuration's name, then as they are listed. */
export const hooksOf = (configurations: readonly Configuration[]): readonly Hook[] =>
  configurations
    .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
    .flatMap(({ metadata, webhooks = [] }) => webhooks.map(webhook => makeHook(metadata.name ?? '', webhook)))

const makeHook = (configuration: string, webhook: MutatingWebhook | ValidatingWebhook): Hook => ({
  webhook,
  name: webhook.name,
  configuration,
  destination: destinationOf(webhook.clientConfig),
  namespaces: labelSelectorMatcher(webhook.namespaceSelector ?? {}),
  objects: labelSelectorMatcher(webhook.objectSelector ?? {}),
  conditions: compileMatchConditions(webhook.matchConditions, false),
  ignoresFailure: webhook.failurePolicy === 'Ignore',
  isReinvoked: 'reinvocationPolicy' in webhook && webhook.reinvocationPolicy === 'IfNeeded',
})
