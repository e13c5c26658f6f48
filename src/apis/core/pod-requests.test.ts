import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podLimits, podQosClass, podRequests } from './pod/index.ts'
import { type Change, decodePod } from './pod.test-support.ts'

const container = (name: string, requests: object, more: object = {}) => ({ name, image: 'i', resources: { requests }, ...more })

test('what a pod asks for', () => {
  const cases: readonly (readonly [Change, Readonly<Record<string, number>>])[] = [
    [{}, {}],
    [{ 'spec.containers': [container('a', { cpu: '100m', memory: '1Gi' }), container('b', { cpu: '1' })] }, { cpu: 1100, memory: 2 ** 30 }],
    // Init containers run before the others, so only the greater need counts.
    [
      { 'spec.containers': [container('a', { cpu: '100m' })], 'spec.initContainers': [container('i', { cpu: '2', memory: '1M' })] },
      { cpu: 2000, memory: 1e6 },
    ],
    // Sidecars run beside both what comes after them and the containers.
    [
      {
        'spec.containers': [container('a', { cpu: '1' })],
        'spec.initContainers': [container('s', { cpu: '500m' }, { restartPolicy: 'Always' }), container('i', { cpu: '2' })],
      },
      { cpu: 2500 },
    ],
    [
      {
        'spec.containers': [container('a', { cpu: '3' })],
        'spec.initContainers': [container('i', { cpu: '2' }), container('s', { cpu: '500m' }, { restartPolicy: 'Always' })],
      },
      { cpu: 3500 },
    ],
    [
      { 'spec.containers': [container('a', { cpu: '1' })], 'spec.overhead': { cpu: '250m', memory: '64Mi' } },
      { cpu: 1250, memory: 64 * 2 ** 20 },
    ],
    [
      { 'spec.containers': [container('a', { cpu: '1', 'example.com/gpu': '2' })], 'spec.resources': { requests: { cpu: '4' } } },
      { cpu: 4000, 'example.com/gpu': 2 },
    ],
    [{ 'spec.containers': [container('a', { cpu: '0.0001' })] }, { cpu: 1 }],
  ]
  for (const [change, expected] of cases) assert.deepEqual(podRequests(decodePod(change)), expected, JSON.stringify(change))
})

test('what a pod may use', () => {
  const limited = { name: 'a', image: 'i', resources: { limits: { cpu: '1' } } }
  assert.deepEqual(podLimits(decodePod({ 'spec.containers': [limited], 'spec.overhead': { cpu: '1', memory: '1Gi' } })), { cpu: 2000 })
})

test('class of service', () => {
  const full = { limits: { cpu: '1', memory: '1Gi' } }
  const cases: readonly (readonly [Change, string])[] = [
    [{}, 'BestEffort'],
    [{ 'spec.containers[0].resources': { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } } }, 'BestEffort'],
    [{ 'spec.containers[0].resources': { requests: { cpu: '0' } } }, 'BestEffort'],
    [{ 'spec.containers[0].resources': { requests: { cpu: '1' } } }, 'Burstable'],
    [{ 'spec.containers[0].resources': { limits: { cpu: '1' } } }, 'Burstable'],
    [{ 'spec.containers[0].resources': full }, 'Guaranteed'],
    [{ 'spec.containers[0].resources': { ...full, requests: { cpu: '1000m', memory: '1024Mi' } } }, 'Guaranteed'],
    [{ 'spec.containers[0].resources': { ...full, requests: { cpu: '500m' } } }, 'Burstable'],
    [{ 'spec.containers[0].resources': full, 'spec.initContainers': [{ name: 'i', image: 'i' }] }, 'Burstable'],
    [{ 'spec.resources': full }, 'Guaranteed'],
  ]
  for (const [change, expected] of cases) assert.equal(podQosClass(decodePod(change).spec), expected, JSON.stringify(change))
})
