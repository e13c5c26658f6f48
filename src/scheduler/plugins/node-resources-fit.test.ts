import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type PodParts, testCluster, testNode, testPod } from '../objects.test-support.ts'
import { describePod } from '../pod-info.ts'
import { balancedAllocation, leastAllocated, nodeResourcesFit } from './node-resources-fit.ts'
import { scores, verdicts } from './verdicts.test-support.ts'

const mebibytes = (count: number) => `${count}Mi`

describe('room on a node', () => {
  const allocatable = { cpu: '2', memory: '1Gi', 'ephemeral-storage': '10Gi', pods: '3', 'example.com/gpu': '1', 'hugepages-2Mi': '4Mi' }
  const verdictFor = (parts: PodParts, running: readonly PodParts[] = []) => {
    const cluster = testCluster([testNode('n1', { allocatable })])
    for (const [index, one] of running.entries()) cluster.place('n1', testPod(`r${index}`, one))
    return verdicts(nodeResourcesFit, describePod(testPod('p', parts)), cluster).n1
  }
  const asks = (requests: Readonly<Record<string, string>>) => ({ requests })
  const cases: readonly (readonly [string, PodParts, readonly PodParts[], string])[] = [
    ['exactly all', asks({ cpu: '2', memory: '1Gi' }), [], 'ok'],
    ['one thousandth too much', asks({ cpu: '2001m' }), [], '!Insufficient cpu'],
    ['what others use', asks({ cpu: '1500m' }), [asks({ cpu: '501m' })], 'Insufficient cpu'],
    [
      'several at once',
      asks({ cpu: '1', memory: '1Gi' }),
      [asks({ cpu: '1500m', memory: '1Mi' })],
      'Insufficient cpu, Insufficient memory',
    ],
    ['nothing asked on a full node', {}, [asks({ cpu: '2' })], 'ok'],
    ['as many pods as it takes', {}, [{}, {}, {}], 'Too many pods'],
    ['pods and resources', asks({ cpu: '1' }), [{}, {}, asks({ cpu: '2' })], 'Too many pods, Insufficient cpu'],
    ['a device that is there', asks({ 'example.com/gpu': '1' }), [], 'ok'],
    ['a device that is taken', asks({ 'example.com/gpu': '1' }), [asks({ 'example.com/gpu': '1' })], 'Insufficient example.com/gpu'],
    ['a device that no node has', asks({ 'example.com/fpga': '1' }), [], '!Insufficient example.com/fpga'],
    ['none of a device that no node has', asks({ 'example.com/fpga': '0' }), [], 'ok'],
    ['huge pages', asks({ 'hugepages-2Mi': '6Mi' }), [], '!Insufficient hugepages-2Mi'],
    ['ephemeral storage', asks({ 'ephemeral-storage': '11Gi' }), [], '!Insufficient ephemeral-storage'],
    ['overhead', { ...asks({ cpu: '1900m' }), overhead: { cpu: '200m' } }, [], '!Insufficient cpu'],
    [
      'an init container that needs more',
      { initContainers: [{ name: 'i', image: 'i', resources: { requests: { cpu: '3' } } }] },
      [],
      '!Insufficient cpu',
    ],
  ]
  for (const [name, parts, running, expected] of cases) test(name, () => assert.equal(verdictFor(parts, running), expected))

  test('a pod that shrinks keeps its room until it has shrunk', () => {
    const status = {
      containerStatuses: [
        {
          name: 'c0',
          image: 'a',
          imageID: '',
          ready: true,
          restartCount: 0,
          allocatedResources: { cpu: '2' },
          resources: { requests: { cpu: '2' } },
        },
      ],
    }
    const running = { nodeName: 'n1', requests: { cpu: '500m' } }
    assert.equal(verdictFor(asks({ cpu: '1' }), [{ ...running, status }]), 'Insufficient cpu')
    assert.equal(verdictFor(asks({ cpu: '1' }), [running]), 'ok')
  })
})

describe('scores of room', () => {
  const allocatable = { cpu: '10', memory: mebibytes(10_000), pods: '10' }
  const cluster = testCluster([
    testNode('empty', { allocatable }),
    testNode('used', { allocatable }),
    testNode('bare', { allocatable: { pods: '10' } }),
  ])
  cluster.place('used', testPod('running', { requests: { cpu: '5', memory: mebibytes(1000) } }))

  test('least allocated: the mean of what stays free', () => {
    const pod = describePod(testPod('p', { requests: { cpu: '1', memory: mebibytes(1000) } }))
    assert.deepEqual(scores(leastAllocated, pod, cluster), { empty: 90, used: 60, bare: 0 })
  })
  test('a pod without requests counts with 100m and 200Mi', () => {
    assert.deepEqual(scores(leastAllocated, describePod(testPod('p')), cluster), { empty: 98, used: 68, bare: 0 })
  })
  test('balanced: how close processor and memory are; nothing to say on pods that ask for neither', () => {
    const pod = describePod(testPod('p', { requests: { cpu: '1', memory: mebibytes(1000) } }))
    assert.deepEqual(scores(balancedAllocation, pod, cluster), { empty: 100, used: 80, bare: 100 })
    assert.equal(scores(balancedAllocation, describePod(testPod('p')), cluster), undefined)
  })
})
