import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sharedLibraryCluster } from '../support/library.ts'

const { send } = await sharedLibraryCluster()

/** What upstream's own test of a cluster asks of each path. */
const required = [
  'ping',
  'log',
  'etcd',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-status-local-available-controller',
  'poststarthook/apiservice-status-remote-available-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
]

for (const path of ['healthz', 'livez', 'readyz'])
  it(`/${path} names the checks that upstream has`, async () => {
    const { status, text } = await send('GET', `/${path}?verbose=1`)
    assert.equal(status, 200)
    const lines = new Set(text.split('\n'))
    assert.deepEqual(
      required.filter(name => !lines.has(`[+]${name} ok`)),
      [],
    )
  })
