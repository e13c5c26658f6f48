import { applyClaimDefaults } from '../../core/persistent-volume-claim/strategy.ts'
import type { PersistentVolumeClaim } from '../../core/persistent-volume-claim.ts'
import { applyPodTemplateDefaults } from '../../core/pod/defaults.ts'
import { mapShared, withDefault, withField } from '../../core/sharing.ts'
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from '../stateful-set.ts'

export const applyStatefulSetDefaults = (statefulSet: StatefulSet): StatefulSet =>
  statefulSet.spec ? withField(statefulSet, 'spec', withSpecDefaults(statefulSet.spec)) : statefulSet

function withSpecDefaults(given: StatefulSetSpec): StatefulSetSpec {
  let spec = withDefault(given, 'podManagementPolicy', 'OrderedReady')
  spec = withField(spec, 'updateStrategy', withStrategyDefaults(spec.updateStrategy ?? {}))
  spec = withField(spec, 'persistentVolumeClaimRetentionPolicy', withRetentionDefaults(spec.persistentVolumeClaimRetentionPolicy ?? {}))
  spec = withField(spec, 'replicas', spec.replicas ?? 1)
  spec = withField(spec, 'revisionHistoryLimit', spec.revisionHistoryLimit ?? 10)
  if (spec.volumeClaimTemplates) {
    spec = withField(spec, 'volumeClaimTemplates', mapShared(spec.volumeClaimTemplates, withClaimDefaults))
  }
  return spec.template ? withField(spec, 'template', applyPodTemplateDefaults(spec.template)) : spec
}

function withStrategyDefaults(given: StatefulSetUpdateStrategy): StatefulSetUpdateStrategy {
  const strategy = withDefault(given, 'type', 'RollingUpdate')
  if (strategy.type !== 'RollingUpdate') return strategy
  let rollingUpdate = strategy.rollingUpdate ?? {}
  rollingUpdate = withField(rollingUpdate, 'partition', rollingUpdate.partition ?? 0)
  rollingUpdate = withField(rollingUpdate, 'maxUnavailable', rollingUpdate.maxUnavailable ?? 1)
  return withField(strategy, 'rollingUpdate', rollingUpdate)
}

type RetentionPolicy = NonNullable<StatefulSetSpec['persistentVolumeClaimRetentionPolicy']>

const withRetentionDefaults = (policy: RetentionPolicy): RetentionPolicy =>
  withDefault(withDefault(policy, 'whenDeleted', 'Retain'), 'whenScaled', 'Retain')

/** Templates of claims are whole objects, and shown as such. */
const withClaimDefaults = (claim: PersistentVolumeClaim): PersistentVolumeClaim =>
  applyClaimDefaults(withField(withField(claim, 'kind', 'PersistentVolumeClaim'), 'apiVersion', 'v1'))
