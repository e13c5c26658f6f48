import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Change, createPod } from './pod.test-support.ts'
import { podKind } from './pod.ts'

const nothing = 'a null labelSelector results in matching no pod'

/** [what is accepted, what is said of it] */
const cases: readonly (readonly [Change, ...string[]])[] = [
  [{}],
  [
    { 'metadata.name': 'a.b' },
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
  ],
  [
    { 'spec.nodeSelector': { 'beta.kubernetes.io/os': 'linux' } },
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ],
  [
    { 'spec.topologySpreadConstraints': [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway' }] },
    `spec.topologySpreadConstraints[0].labelSelector: ${nothing}`,
  ],
  [
    { 'spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution': [{ weight: 1, podAffinityTerm: { topologyKey: 'z' } }] },
    `spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: ${nothing}`,
  ],
  [
    { 'spec.volumes': [{ name: 'v', gitRepo: { repository: 'r' } }] },
    'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
  ],
  [
    { 'spec.imagePullSecrets': [{ name: 'a' }, { name: 'a' }, {}] },
    'spec.imagePullSecrets[1].name: duplicate name "a"',
    'spec.imagePullSecrets[2].name: invalid empty name ""',
  ],
  [
    { 'spec.containers[0].env': [{ name: 'A' }, { name: 'A', value: '1' }, { name: 'A', value: '$(A)2' }] },
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ],
  [
    { 'spec.containers[0].ports': [{ containerPort: 1 }, { containerPort: 1 }, { containerPort: 1, protocol: 'UDP' }] },
    'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
  ],
  [
    { 'spec.containers[0].resources': { requests: { memory: '100m', cpu: '100m' } } },
    'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
  ],
  [
    { 'spec.terminationGracePeriodSeconds': -1 },
    'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ],
]

test('warnings about new pods', async context => {
  for (const [change, ...warnings] of cases) {
    await context.test(JSON.stringify(change), () => {
      const pod = createPod(change)
      assert.deepEqual(podKind.strategy.warnings?.(pod, undefined), warnings)
      assert.deepEqual(podKind.strategy.warnings?.(pod, pod), [])
    })
  }
})
