import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareKubernetesVersions } from '../discovery/groups.ts'
import { negotiate, parseAccept } from './negotiation.ts'
import { parseOptions } from './options.ts'
import { parsePath } from './path.ts'

describe('paths', () => {
  const cases: [string, Partial<ReturnType<typeof parsePath>>][] = [
    ['/version', { isResourceRequest: false }],
    ['/api/v1', { isResourceRequest: false }],
    ['/apis/apps/v1', { isResourceRequest: false }],
    ['/api/v1/pods', { isResourceRequest: true, group: '', version: 'v1', resource: 'pods', namespace: '', name: '' }],
    ['/api/v1/namespaces', { resource: 'namespaces', namespace: '', name: '' }],
    ['/api/v1/namespaces/a', { resource: 'namespaces', namespace: 'a', name: 'a' }],
    ['/api/v1/namespaces/a/finalize', { resource: 'namespaces', name: 'a', subresource: 'finalize' }],
    ['/api/v1/namespaces/a/pods', { resource: 'pods', namespace: 'a', name: '' }],
    [
      '/apis/apps/v1/namespaces/a/deployments/web/scale',
      { group: 'apps', resource: 'deployments', namespace: 'a', name: 'web', subresource: 'scale' },
    ],
    ['/api/v1/nodes/n%2F1/status', { resource: 'nodes', name: 'n/1', subresource: 'status' }],
    ['/api/v1/watch/namespaces/a/pods', { resource: 'pods', namespace: 'a', watchPrefix: true }],
    ['/api/v1/namespaces/a/pods/', { resource: 'pods', namespace: 'a', name: '' }],
    ['/api/v1/namespaces/a/services/s/proxy/x/y', { resource: 'services', name: 's', subresource: 'proxy', rest: '/x/y' }],
    ['/api/v1/namespaces/a/services/s/proxy', { resource: 'services', name: 's', subresource: 'proxy', rest: '' }],
    ['/api/v1/namespaces/a/services/s/proxy/', { resource: 'services', name: 's', subresource: 'proxy', rest: '/' }],
    ['/api/v1/nodes/n/proxy/a//b%2Fc/', { resource: 'nodes', name: 'n', subresource: 'proxy', rest: '/a//b%2Fc/' }],
    ['/api/v1/namespaces/a/pods/..%2F..%2Fx/proxy/../y', { resource: 'pods', name: '../../x', subresource: 'proxy', rest: '/../y' }],
  ]
  for (const [path, expected] of cases) it(path, () => assert.deepEqual({ ...parsePath(path), ...expected }, parsePath(path)))
})

describe('negotiation', () => {
  const cases: [string | undefined, object][] = [
    [undefined, { media: 'json', as: 'Object' }],
    ['*/*', { media: 'json' }],
    ['application/yaml', { media: 'yaml' }],
    ['application/vnd.kubernetes.protobuf,application/json', { media: 'protobuf' }],
    ['text/html,application/json;q=0.5', { media: 'json' }],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', { media: 'json', as: 'Table', transformVersion: 'v1' }],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', { media: 'json', as: 'Object' }],
    ['application/json;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io', { as: 'PartialObjectMetadata', transformVersion: 'v1beta1' }],
    [
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
      { media: 'protobuf', as: 'PartialObjectMetadataList' },
    ],
    ['application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json', { media: 'json', as: 'Object' }],
    ['application/json;q=0.1,application/yaml', { media: 'yaml' }],
  ]
  for (const [accept, expected] of cases) {
    it(accept ?? 'nothing', () => {
      const result = negotiate(accept, false, { protobuf: true, transforms: true })
      assert.deepEqual({ ...result, ...expected }, result)
    })
  }
  it('refuses what it cannot write', () => {
    for (const accept of ['image/png', 'application/json;as=Picture;v=v1;g=meta.k8s.io']) {
      assert.throws(
        () => negotiate(accept, false, { protobuf: true, transforms: true }),
        /only the following media types are accepted: application\/json/,
      )
    }
  })
  it('orders by quality', () => {
    assert.deepEqual(
      parseAccept('a/a;q=0.2,b/b, c/c;q=0.9').map(({ type }) => type),
      ['b/b', 'c/c', 'a/a'],
    )
  })
})

describe('query options', () => {
  it('reads numbers and switches as upstream does', () => {
    const options = parseOptions(
      new URLSearchParams('limit=5&allowWatchBookmarks&sendInitialEvents=false&timeoutSeconds=3&dryRun=All'),
      'List',
    )
    assert.deepEqual(
      [options.limit, options.allowWatchBookmarks, options.sendInitialEvents, options.timeoutSeconds, options.dryRun],
      [5, true, false, 3, true],
    )
  })
  it('refuses what it does not know', () => {
    assert.throws(
      () => parseOptions(new URLSearchParams('dryRun=Some'), 'Create'),
      /CreateOptions\.meta\.k8s\.io "" is invalid: dryRun: Unsupported value/,
    )
    assert.throws(() => parseOptions(new URLSearchParams('fieldValidation=Maybe'), 'Patch'), /fieldValidation: Unsupported value: "Maybe"/)
    assert.throws(() => parseOptions(new URLSearchParams(`fieldManager=${'x'.repeat(129)}`), 'Patch'), /fieldManager: Too long/)
  })
})

describe('versions', () => {
  it('are ordered as Kubernetes orders them', () => {
    const versions = ['v1beta1', 'v2', 'foo', 'v1alpha1', 'v11', 'v1', 'v2beta3', 'v12alpha1', 'bar']
    assert.deepEqual(versions.sort(compareKubernetesVersions), [
      'v11',
      'v2',
      'v1',
      'v2beta3',
      'v1beta1',
      'v12alpha1',
      'v1alpha1',
      'bar',
      'foo',
    ])
  })
})
