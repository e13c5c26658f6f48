import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testCluster, testNode, testPod } from '../objects.test-support.ts'
import { describePod } from '../pod-info.ts'
import { nodeName, nodePorts, nodeUnschedulable } from './node-identity.ts'
import { verdicts } from './verdicts.test-support.ts'

describe('nodes by name and state', () => {
  const cluster = testCluster([testNode('open'), testNode('closed', { unschedulable: true })])
  test('a cordoned node takes only pods that tolerate it', () => {
    assert.deepEqual(verdicts(nodeUnschedulable, describePod(testPod('p')), cluster), { open: 'ok', closed: '!node(s) were unschedulable' })
    const tolerant = testPod('p', { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] })
    assert.deepEqual(verdicts(nodeUnschedulable, describePod(tolerant), cluster), { open: 'ok', closed: 'ok' })
  })
  test('a pod that names its node fits no other', () => {
    const verdict = verdicts(nodeName, describePod(testPod('p', { nodeName: 'closed' })), cluster)
    assert.deepEqual(verdict, { open: "!node(s) didn't match the requested node name", closed: 'ok' })
  })
})

describe('host ports', () => {
  const withPort = (name: string, port: { hostPort?: number; hostIP?: string; protocol?: string }) =>
    testPod(name, { containers: [{ ports: [{ containerPort: 80, ...port }] }] })
  const taken = "node(s) didn't have free ports for the requested pod ports"
  const cases = [
    ['the same port', { hostPort: 80 }, { hostPort: 80 }, taken],
    ['another port', { hostPort: 80 }, { hostPort: 81 }, 'ok'],
    ['another protocol', { hostPort: 80 }, { hostPort: 80, protocol: 'UDP' }, 'ok'],
    ['all addresses and one', { hostPort: 80 }, { hostPort: 80, hostIP: '10.0.0.1' }, taken],
    ['one and all addresses', { hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '0.0.0.0' }, taken],
    ['two addresses', { hostPort: 80, hostIP: '10.0.0.1' }, { hostPort: 80, hostIP: '10.0.0.2' }, 'ok'],
    ['no host port', { hostPort: 80 }, {}, 'ok'],
  ] as const
  for (const [name, running, wanted, expected] of cases)
    test(name, () => {
      const cluster = testCluster([testNode('n1')])
      cluster.place('n1', withPort('running', running))
      assert.deepEqual(verdicts(nodePorts, describePod(withPort('p', wanted)), cluster), { n1: expected })
    })
  test('sidecars have ports, other init containers are gone by then', () => {
    const init = (restartPolicy?: 'Always') =>
      testPod('p', {
        initContainers: [{ name: 'i', image: 'i', ports: [{ containerPort: 1, hostPort: 80 }], ...(restartPolicy && { restartPolicy }) }],
      })
    assert.equal(describePod(init('Always')).hostPorts.length, 1)
    assert.equal(describePod(init()).hostPorts.length, 0)
  })
})
