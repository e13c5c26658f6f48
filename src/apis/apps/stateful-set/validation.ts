import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../../../apimachinery/field-error.ts'
import { validateDnsLabel } from '../../../apimachinery/names.ts'
import { validateLabelSelector } from '../../../apimachinery/object-meta-validation.ts'
import { labelSelectorMatcher } from '../../../apimachinery/selectors.ts'
import type { PersistentVolumeClaim } from '../../core/persistent-volume-claim.ts'
import type { PodTemplateSpec } from '../../core/pod-spec.ts'
import { semanticEqual } from '../../core/sharing.ts'
import { validateClaimSpec } from '../../core/validation/claim-template.ts'
import { validatePodTemplate } from '../../core/validation/pod-spec.ts'
import { each, notNegative, optionalName } from '../../core/validation/rules.ts'
import type { Volume } from '../../core/volume.ts'
import { atMostHundredPercent, isZeroCount, notDecremented, notNegativeOrPercent } from '../../field-rules.ts'
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from '../stateful-set.ts'

export const validateStatefulSet = ({ spec }: StatefulSet): FieldError[] => (spec ? validateSpec(spec) : [requiredField('spec.selector')])

const validateSpec = (spec: StatefulSetSpec): FieldError[] => [
  ...validateManagementPolicy(spec.podManagementPolicy ?? '', 'spec.podManagementPolicy'),
  ...validateUpdateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
  ...validateRetentionPolicy(spec.persistentVolumeClaimRetentionPolicy, 'spec.persistentVolumeClaimRetentionPolicy'),
  ...notNegative(spec.replicas, 'spec.replicas'),
  ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
  ...notNegative(spec.ordinals?.start, 'spec.ordinals.start'),
  ...optionalName(spec.serviceName, 'spec.serviceName', validateDnsLabel),
  ...validateSelector(spec),
  ...validateTemplate(spec, 'spec.template'),
  ...each(spec.volumeClaimTemplates, 'spec.volumeClaimTemplates', (claim, at) => validateClaimSpec(claim.spec ?? {}, `${at}.spec`)),
]

function validateManagementPolicy(policy: string, path: string): FieldError[] {
  if (policy === '') return [requiredField(path)]
  const isKnown = policy === 'OrderedReady' || policy === 'Parallel'
  return isKnown ? [] : [invalidField(path, policy, "must be 'OrderedReady' or 'Parallel'")]
}

function validateUpdateStrategy({ type = '', rollingUpdate }: StatefulSetUpdateStrategy, path: string): FieldError[] {
  const shown = rollingUpdate ? { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: rollingUpdate.maxUnavailable ?? null } : null
  switch (type) {
    case '':
      return [requiredField(path)]
    case 'OnDelete':
      return rollingUpdate ? [invalidField(`${path}.rollingUpdate`, shown, "only allowed for updateStrategy 'RollingUpdate'")] : []
    case 'RollingUpdate':
      return [
        ...notNegative(rollingUpdate?.partition, `${path}.rollingUpdate.partition`),
        ...validateMaxUnavailable(rollingUpdate?.maxUnavailable, `${path}.rollingUpdate.maxUnavailable`),
      ]
    default:
      return [invalidField(path, { Type: type, RollingUpdate: shown }, "must be 'RollingUpdate' or 'OnDelete'")]
  }
}

function validateMaxUnavailable(value: number | string | undefined, path: string): FieldError[] {
  if (value === undefined) return []
  return [
    ...notNegativeOrPercent(value, path),
    ...(isZeroCount(value) ? [invalidField(path, value, 'cannot be 0')] : []),
    ...atMostHundredPercent(value, path),
  ]
}

const retentionPolicies = ['Delete', 'Retain']

function validateRetentionPolicy(policy: StatefulSetSpec['persistentVolumeClaimRetentionPolicy'], path: string): FieldError[] {
  if (policy === undefined) return []
  return (['whenDeleted', 'whenScaled'] as const)
    .filter(field => !retentionPolicies.includes(policy[field] ?? ''))
    .map(field => unsupportedField(`${path}.${field}`, policy[field] ?? '', retentionPolicies))
}

function validateSelector({ selector, template }: StatefulSetSpec): FieldError[] {
  const labels = template?.metadata?.labels
  const otherPods = () => invalidField('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')
  if (selector === undefined) return [requiredField('spec.selector'), otherPods()]
  const errors = validateLabelSelector(selector, 'spec.selector')
  if (errors.length > 0) return [...errors, invalidField('spec.selector', selector, '')]
  const matcher = labelSelectorMatcher(selector)
  if (matcher.matchesEverything) return [invalidField('spec.selector', selector, 'empty selector is invalid for statefulset')]
  return matcher.matches(labels) ? [] : [otherPods()]
}

function validateTemplate({ template = {}, volumeClaimTemplates = [] }: StatefulSetSpec, path: string): FieldError[] {
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
  const errors = validatePodTemplate(withClaims(template, volumeClaimTemplates), path)
  if (restartPolicy !== 'Always') errors.push(unsupportedField(`${path}.spec.restartPolicy`, restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    errors.push(forbiddenField(`${path}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in StatefulSet is not Supported'))
  }
  return errors
}

/** The pods that are made of the template will have the claims as volumes, in place of any of the same name. */
function withClaims(template: PodTemplateSpec, claims: readonly PersistentVolumeClaim[]): PodTemplateSpec {
  const { spec } = template
  if (spec === undefined || claims.length === 0) return template
  const ofClaims = new Map(claims.map(({ metadata: { name = '' } }) => [name, volumeOfClaim(name)]))
  const volumes = (spec.volumes ?? []).map(volume => {
    const replacement = ofClaims.get(volume.name)
    ofClaims.delete(volume.name)
    return replacement ?? volume
  })
  return { ...template, spec: { ...spec, volumes: [...volumes, ...ofClaims.values()] } }
}

const volumeOfClaim = (name: string): Volume => ({ name, persistentVolumeClaim: { claimName: name || 'unnamed' } })

const mutableFields = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const

export function validateStatefulSetUpdate({ spec }: StatefulSet, old: StatefulSet): FieldError[] {
  const comparable: Record<string, unknown> = { ...old.spec }
  for (const field of mutableFields) comparable[field] = spec?.[field]
  if (semanticEqual(spec, comparable)) return []
  const names = mutableFields.map(field => `'${field}'`)
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return [forbiddenField('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)]
}

export function validateStatefulSetStatus({ status }: StatefulSet, old: StatefulSet): FieldError[] {
  if (status === undefined) return []
  const counts = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const
  const errors = [...counts, 'observedGeneration' as const, 'collisionCount' as const].flatMap(field =>
    notNegative(status[field], `status.${field}`),
  )
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  for (const field of ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const) {
    const count = status[field] ?? 0
    if (count > replicas) errors.push(invalidField(`status.${field}`, count, 'cannot be greater than status.replicas'))
  }
  if (availableReplicas > readyReplicas) {
    errors.push(invalidField('status.availableReplicas', availableReplicas, 'cannot be greater than status.readyReplicas'))
  }
  return [...errors, ...notDecremented(status.collisionCount, old.status?.collisionCount, 'status.collisionCount')]
}
