import type { Subresource } from '../../../apimachinery/kind.ts'
import { Eviction } from '../../policy/eviction.ts'
import { proxySubresource } from '../../strategy.ts'
import { Binding } from '../binding.ts'
import { validatePodStatusUpdate } from '../validation/pod-status-update.ts'
import { validateEphemeralContainersUpdate, validatePodResize } from '../validation/pod-subresource-updates.ts'
import { prepareEphemeralContainersUpdate, preparePodStatusUpdate, prepareResize } from './prepare.ts'

const stream = (name: string, kind: string): Subresource => ({
  group: '',
  version: 'v1',
  kind,
  verbs: ['create', 'get'],
  action: { type: 'handler', handler: name },
})

export const podSubresources: Readonly<Record<string, Subresource>> = {
  attach: stream('attach', 'PodAttachOptions'),
  binding: {
    group: '',
    version: 'v1',
    kind: 'Binding',
    verbs: ['create'],
    schema: Binding,
    action: { type: 'handler', handler: 'binding' },
  },
  ephemeralcontainers: {
    kind: 'Pod',
    verbs: ['get', 'patch', 'update'],
    action: { type: 'fields', prepare: prepareEphemeralContainersUpdate, validate: validateEphemeralContainersUpdate },
  },
  eviction: {
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    verbs: ['create'],
    schema: Eviction,
    alsoAccepted: ['policy/v1beta1'],
    action: { type: 'handler', handler: 'eviction' },
  },
  exec: stream('exec', 'PodExecOptions'),
  log: { kind: 'Pod', verbs: ['get'], action: { type: 'handler', handler: 'log' } },
  portforward: stream('portforward', 'PodPortForwardOptions'),
  proxy: proxySubresource('PodProxyOptions', 'podproxy'),
  resize: {
    kind: 'Pod',
    verbs: ['get', 'patch', 'update'],
    action: { type: 'fields', prepare: prepareResize, validate: validatePodResize },
  },
  status: {
    kind: 'Pod',
    verbs: ['get', 'patch', 'update'],
    action: { type: 'fields', prepare: preparePodStatusUpdate, validate: validatePodStatusUpdate },
  },
}
