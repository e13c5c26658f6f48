import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { ResourceChange, ResourceView } from '../../apimachinery/connection.ts'
import type { KubernetesObject } from '../../apimachinery/meta.ts'
import type { RequestAttributes, UserInfo } from '../../apimachinery/request.ts'
import { createNodeAuthorizer, type NodeAuthorizer, nodeNameOf } from './index.ts'

const n1: UserInfo = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }
const asked = (text: string, namespace = '', name = '', fieldSelector?: string): RequestAttributes => {
  const [verb = '', target = ''] = text.split(' ')
  const [qualified = '', subresource = ''] = target.split('/')
  const [resource = '', ...group] = qualified.split('.')
  return {
    verb,
    isResourceRequest: true,
    path: '',
    group: group.join('.'),
    version: 'v1',
    resource,
    subresource,
    namespace,
    name,
    fieldSelector,
  }
}

describe('the node authorizer', () => {
  let nodes: NodeAuthorizer
  let tell: (change: Partial<ResourceChange>) => void = () => {}
  const pod = (name: string, nodeName: string | undefined, spec: object = {}) =>
    ({ metadata: { name, namespace: 'default' }, spec: { nodeName, containers: [], ...spec } }) as unknown as KubernetesObject
  const uses = (configMap: string) => ({ volumes: [{ name: 'v', configMap: { name: configMap } }] })

  beforeEach(() => {
    nodes = createNodeAuthorizer()
    const view: ResourceView = {
      revision: 0,
      get: (_namespace, name) => (name === 'first' ? pod('first', 'n1') : undefined),
      list: () => [pod('first', 'n1', { ...uses('shared'), serviceAccountName: 'builder' })],
      subscribe(listener) {
        tell = change => listener({ old: undefined, new: undefined, revision: 1, ...change })
        return () => {}
      },
    }
    nodes.attach({ pods: view })
  })
  afterEach(() => nodes.close())

  const may = (text: string, namespace?: string, name?: string, user = n1) => nodes.authorize(user, asked(text, namespace, name)).allowed

  it('knows nodes by name and group', () => {
    assert.equal(nodeNameOf(n1), 'n1')
    assert.equal(nodeNameOf({ ...n1, groups: [] }), undefined)
    assert.equal(nodeNameOf({ name: 'n1', groups: ['system:nodes'] }), undefined)
    assert.equal(may('get nodes', '', 'n1', { name: 'alice', groups: [] }), false)
  })

  it('lets read what pods on the node refer to, as long as they do', () => {
    const get = () => may('get configmaps', 'default', 'shared')
    assert.equal(get(), true)
    assert.equal(may('get configmaps', 'other', 'shared'), false)
    assert.equal(may('list configmaps', 'default'), false)
    assert.equal(may('watch configmaps', 'default', 'shared'), true)
    assert.equal(may('update configmaps', 'default', 'shared'), false)
    assert.equal(may('get configmaps', 'default', 'shared', { ...n1, name: 'system:node:n2' }), false)
    tell({ new: pod('second', 'n1', uses('shared')) })
    tell({ old: pod('first', 'n1', uses('shared')) })
    assert.equal(get(), true)
    tell({ old: pod('second', 'n1', uses('shared')) })
    assert.equal(get(), false)
  })

  it('follows a pod from unbound to bound', () => {
    tell({ new: pod('late', undefined, uses('late')) })
    assert.equal(may('get configmaps', 'default', 'late'), false)
    tell({ old: pod('late', undefined, uses('late')), new: pod('late', 'n1', uses('late')) })
    assert.equal(may('get configmaps', 'default', 'late'), true)
  })

  it('sees references everywhere in a pod', () => {
    const env = [
      { name: 'A', valueFrom: { secretKeyRef: { name: 's-env', key: 'k' } } },
      { name: 'B', valueFrom: { configMapKeyRef: { name: 'c-env', key: 'k' } } },
    ]
    const envFrom = [{ secretRef: { name: 's-from' } }, { configMapRef: { name: 'c-from' } }]
    const volumes = [
      { name: 'a', secret: { secretName: 's-volume' } },
      { name: 'b', projected: { sources: [{ secret: { name: 's-projected' } }, { configMap: { name: 'c-projected' } }] } },
      { name: 'c', csi: { driver: 'd', nodePublishSecretRef: { name: 's-csi' } } },
    ]
    const spec = {
      volumes,
      imagePullSecrets: [{ name: 's-pull' }],
      initContainers: [{ name: 'i', env }],
      containers: [{ name: 'm', envFrom }],
    }
    tell({ new: pod('all', 'n1', spec) })
    for (const name of ['s-env', 's-from', 's-volume', 's-projected', 's-csi', 's-pull'])
      assert.equal(may('get secrets', 'default', name), true, name)
    for (const name of ['c-env', 'c-from', 'c-projected']) assert.equal(may('get configmaps', 'default', name), true, name)
  })

  it('gives tokens of the accounts of its pods', () => {
    assert.equal(may('create serviceaccounts/token', 'default', 'builder'), true)
    assert.equal(may('create serviceaccounts/token', 'default', 'default'), false)
    assert.equal(may('delete serviceaccounts', 'default', 'builder'), false)
  })

  it('allows what a kubelet does, and no more', () => {
    const allowed = [
      'list services',
      'create pods',
      'delete pods',
      'create nodes',
      'patch nodes/status',
      'create events',
      'patch pods/status',
      'create tokenreviews.authentication.k8s.io',
    ]
    for (const text of allowed) assert.equal(may(text), true, text)
    const refused = [
      'delete nodes',
      'create services',
      'list secrets',
      'update pods',
      'create pods/exec',
      'list roles.rbac.authorization.k8s.io',
    ]
    for (const text of refused) assert.equal(may(text), false, text)
    assert.equal(may('update leases.coordination.k8s.io', 'kube-node-lease', 'n1'), true)
    assert.equal(may('update leases.coordination.k8s.io', 'kube-node-lease', 'n2'), false)
    assert.equal(nodes.authorize(n1, { ...asked('get x'), isResourceRequest: false, path: '/metrics' }).allowed, false)
  })

  it('shows a node its own pods and itself, and says what else it can not see', () => {
    const reason = (text: string, namespace?: string, name?: string, selector?: string) => {
      const decision = nodes.authorize(n1, asked(text, namespace, name, selector))
      return decision.allowed ? 'allowed' : decision.reason
    }
    assert.equal(reason('list pods', '', '', 'spec.nodeName=n1'), 'allowed')
    assert.equal(reason('watch pods', '', '', 'status.phase!=Failed,spec.nodeName=n1'), 'allowed')
    assert.equal(reason('list pods', '', '', 'spec.nodeName=n2'), 'can only list/watch pods with spec.nodeName field selector')
    assert.equal(reason('watch pods'), 'can only list/watch pods with spec.nodeName field selector')
    assert.equal(reason('get pods', 'default', 'first'), 'allowed')
    assert.equal(reason('get pods', 'default', 'foreign'), "no relationship found between node 'n1' and this object")
    assert.equal(reason('get nodes', '', 'n1'), 'allowed')
    assert.equal(reason('get nodes', '', 'n2'), "node 'n1' cannot read 'n2', only its own Node object")
    assert.equal(reason('list nodes'), "node 'n1' cannot read all nodes, only its own Node object")
    assert.equal(reason('list secrets', 'default'), 'No Object name found')
    assert.equal(reason('update secrets', 'default', 's'), 'can only read resources of this type')
    assert.equal(reason('create leases.coordination.k8s.io', 'default'), 'can only access leases in the "kube-node-lease" system namespace')
    assert.equal(reason('list persistentvolumes'), 'can only get individual resources of this type')
    assert.equal(reason('delete persistentvolumeclaims/status', 'default', 'c'), 'can only get/update/patch this type')
  })

  it('shows what the claims of its pods lead to: volumes, their secrets, attachments, devices', () => {
    const object = (name: string, spec: object) => ({ metadata: { name }, spec }) as unknown as KubernetesObject
    const volume = object('pv', {
      claimRef: { namespace: 'default', name: 'data' },
      csi: {
        nodeStageSecretRef: { namespace: 'storage', name: 'stage' },
        controllerPublishSecretRef: { namespace: 'storage', name: 'control' },
      },
    })
    const viewOf = (...objects: KubernetesObject[]): ResourceView => ({
      revision: 0,
      get: (_namespace, name) => objects.find(one => one.metadata.name === name),
      list: () => objects,
      subscribe: () => () => {},
    })
    const claimant = pod('claimant', 'n1', {
      volumes: [
        { name: 'd', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'e', ephemeral: {} },
      ],
      resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu-1' }],
    })
    const mirror = pod('mirror', 'n1', uses('by-mirror'))
    nodes.close()
    nodes = createNodeAuthorizer()
    nodes.attach({
      pods: viewOf(claimant, { ...mirror, metadata: { ...mirror.metadata, annotations: { 'kubernetes.io/config.mirror': 'x' } } }),
      persistentVolumes: viewOf(volume),
      volumeAttachments: viewOf(object('here', { nodeName: 'n1' }), object('there', { nodeName: 'n2' })),
      resourceSlices: viewOf(object('mine', { nodeName: 'n1' })),
    })
    const n2 = { ...n1, name: 'system:node:n2' }
    for (const [text, namespace, name] of [
      ['get persistentvolumeclaims', 'default', 'data'],
      ['patch persistentvolumeclaims/status', 'default', 'data'],
      ['get persistentvolumeclaims', 'default', 'claimant-e'],
      ['get persistentvolumes', '', 'pv'],
      ['get secrets', 'storage', 'stage'],
      ['get volumeattachments.storage.k8s.io', '', 'here'],
      ['get resourceclaims.resource.k8s.io', 'default', 'gpu-1'],
      ['delete resourceslices.resource.k8s.io', '', 'mine'],
    ] as const) {
      assert.equal(may(text, namespace, name), true, text)
      assert.equal(may(text, namespace, name, n2), false, `n2 ${text}`)
    }
    assert.equal(may('get secrets', 'storage', 'control'), false)
    assert.equal(may('get volumeattachments.storage.k8s.io', '', 'there'), false)
    assert.equal(may('get configmaps', 'default', 'by-mirror'), false)
    assert.equal(may('get csinodes.storage.k8s.io', '', 'n1'), true)
    assert.equal(may('get csinodes.storage.k8s.io', '', 'n2'), false)
    assert.equal(may('create csinodes.storage.k8s.io'), true)
  })
})
