import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cannotMakeNetworks } from '../test-support/namespaces.ts'
import { checkCniPlugins, cniConfiguration, cniPlugins, writeCniConfiguration } from './configuration.ts'
import { applyHostSettings } from './host-settings.ts'

const scratch = <T>(use: (directory: string) => T): T => {
  const directory = mkdtempSync(join(tmpdir(), 'proa-cni-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  const result = use(directory)
  if (result instanceof Promise) return result.finally(remove) as T
  remove()
  return result
}

test('the configuration is written once, and again when the ranges change', () =>
  scratch(async directory => {
    const options = { name: 'blue', podCidrs: ['10.42.0.0/24', 'fd42::/64'], dataDirectory: '/data' }
    assert.equal(await writeCniConfiguration(directory, options), true)
    assert.equal(await writeCniConfiguration(directory, options), false)
    assert.deepEqual(readdirSync(directory), ['10-proa.conflist'])
    const { name, plugins } = JSON.parse(readFileSync(join(directory, '10-proa.conflist'), 'utf8'))
    assert.equal(name, 'proa-blue')
    assert.deepEqual(plugins[0].ipam.ranges, [[{ subnet: '10.42.0.0/24' }], [{ subnet: 'fd42::/64' }]])
    assert.deepEqual(plugins[0].ipam.routes, [{ dst: '0.0.0.0/0' }, { dst: '::/0' }])
    assert.equal(await writeCniConfiguration(directory, { ...options, podCidrs: ['10.42.1.0/24'] }), true)
  }))

test('missing plugins are named', () =>
  scratch(directory => assert.rejects(checkCniPlugins([directory]), /CNI plugins ptp, host-local, loopback in .*: not all of them/)))

test('a setting that is not there is told with what it is for', () =>
  scratch(directory => assert.rejects(applyHostSettings([4], directory), /set net\/ipv4\/ip_forward to 1, so that packets of pods pass/)))

const pluginDirectory = ['/usr/lib/cni', '/opt/cni/bin'].find(one => cniPlugins.every(plugin => existsSync(join(one, plugin))))
const skip = cannotMakeNetworks() ?? (pluginDirectory ? false : 'the CNI plugins are missing')

test('the plugins make an interface with addresses of both families, and take it away', { skip }, () =>
  scratch(directory => {
    const [node, pod] = [`proa-cni-${process.pid}`, `proa-cni-pod-${process.pid}`]
    const [plugin] = (
      cniConfiguration({ name: 'blue', podCidrs: ['10.91.0.0/24', 'fd91::/64'], mtu: 1400, dataDirectory: directory }) as {
        plugins: object[]
      }
    ).plugins
    const call = (command: 'ADD' | 'DEL'): string =>
      execFileSync('nsenter', [`--net=/run/netns/${node}`, join(pluginDirectory ?? '', 'ptp')], {
        input: JSON.stringify({ cniVersion: '1.0.0', name: 'proa-blue', ...plugin }),
        env: {
          CNI_COMMAND: command,
          CNI_CONTAINERID: 'one',
          CNI_NETNS: `/run/netns/${pod}`,
          CNI_IFNAME: 'eth0',
          CNI_PATH: pluginDirectory,
        },
        encoding: 'utf8',
      })
    for (const name of [node, pod]) execFileSync('ip', ['netns', 'add', name])
    try {
      const { ips } = JSON.parse(call('ADD')) as { ips: { address: string }[] }
      assert.deepEqual(
        ips.map(({ address }) => address),
        ['10.91.0.2/24', 'fd91::2/64'],
      )
      assert.match(execFileSync('ip', ['-n', pod, 'link', 'show', 'eth0'], { encoding: 'utf8' }), /mtu 1400/)
      call('DEL')
      assert.doesNotMatch(execFileSync('ip', ['-n', node, 'link'], { encoding: 'utf8' }), /veth/)
    } finally {
      for (const name of [node, pod]) execFileSync('ip', ['netns', 'delete', name])
    }
  }),
)
