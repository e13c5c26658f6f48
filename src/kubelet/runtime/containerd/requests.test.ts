import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerRequest, resourcesRequest } from './requests.ts'
import { containerConfig } from './test-support/containerd.ts'

describe('what is asked of the runtime', () => {
  const config = containerConfig(['true'], { resources: { memoryLimit_bytes: 1024, cpuShares: 2 } })

  it('has a container killed as one on cgroup v2; version 1 has no such setting', () => {
    assert.deepEqual(containerRequest(config, 2).linux?.resources?.unified, { 'memory.oom.group': '1' })
    assert.deepEqual(containerRequest(config, 1).linux?.resources?.unified, {})
  })

  it('changes by an update what is given and nothing else', () => {
    const { memoryLimitInBytes, cpuShares, cpuQuota, unified } = resourcesRequest(config.resources)
    assert.deepEqual([memoryLimitInBytes, cpuShares, cpuQuota, unified], [1024, 2, undefined, undefined])
  })
})
