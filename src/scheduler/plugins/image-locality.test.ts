import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testCluster, testNode, testPod } from '../objects.test-support.ts'
import { describePod } from '../pod-info.ts'
import { imageLocality } from './image-locality.ts'
import { scores } from './verdicts.test-support.ts'

const mebibyte = 1024 * 1024
const holding = (name: string, image: string, size: number) => testNode(name, { images: [{ names: [image], sizeBytes: size * mebibyte }] })
const podOf = (...images: string[]) => describePod(testPod('p', { containers: images.map(image => ({ image })) }))

test('images count by size and by how many nodes have them, from 23 MiB to 1000 MiB a container', () => {
  const cluster = testCluster([
    holding('large', 'docker.io/library/big:1', 3000),
    holding('small', 'registry:5000/tiny:latest', 20),
    testNode('none'),
  ])
  // 3000 MiB on one of three nodes weigh 1000.
  assert.deepEqual(scores(imageLocality, podOf('big:1'), cluster), { large: 100, small: 0, none: 0 })
  assert.deepEqual(scores(imageLocality, podOf('big:1', 'other'), cluster), { large: 49, small: 0, none: 0 })
  assert.deepEqual(scores(imageLocality, podOf('registry:5000/tiny'), cluster), { large: 0, small: 0, none: 0 })
  assert.equal(scores(imageLocality, podOf('big:2'), cluster), undefined)
})
