import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Cidr, cidrContains, cidrSize, cidrsOverlap, formatCidr, formatIp, nthAddress, nthSubnet, parseCidr, parseIp } from './ip.ts'

const cidr = (text: string): Cidr => {
  const parsed = parseCidr(text)
  assert.ok(parsed, text)
  return parsed
}

test('canonical forms', () => {
  const cases = [
    ['10.0.0.1', '10.0.0.1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['2001:DB8::00FF', '2001:db8::ff'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  ] as const
  for (const [text, canonical] of cases) {
    const address = parseIp(text)
    assert.equal(address && formatIp(address), canonical, text)
  }
})

test('reading and writing agree with Node', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 12 })), text => {
      const address = parseIp(text)
      assert.equal(address?.family ?? 0, text.includes('%') ? 0 : isIP(text), text)
      if (address) assert.deepEqual(parseIp(formatIp(address)), address)
    }),
  )
})

test('ranges', () => {
  const services = cidr('10.43.0.0/16')
  assert.equal(formatIp(nthAddress(services, 10) ?? { family: 4, value: 0n }), '10.43.0.10')
  assert.equal(nthAddress(services, 65536), undefined)
  assert.equal(cidrSize(services), 65536n)
  assert.equal(cidrSize(cidr('fd00::/64')), 2n ** 64n)
  assert.equal(cidrContains(services, { family: 4, value: 0x0a2bffffn }), true)
  assert.equal(cidrContains(services, { family: 4, value: 0x0a2cn << 16n }), false)
  assert.equal(cidrContains(services, { family: 6, value: 0x0a2b0001n }), false)
  assert.equal(cidrsOverlap(cidr('10.0.0.0/8'), services), true)
  assert.equal(cidrsOverlap(services, cidr('10.42.0.0/16')), false)
  assert.equal(formatCidr(cidr('10.42.7.9/24')), '10.42.7.0/24')
  const third = nthSubnet(cidr('10.42.0.0/16'), 24, 3)
  assert.equal(third && formatCidr(third), '10.42.3.0/24')
  assert.equal(nthSubnet(cidr('10.42.0.0/16'), 24, 256), undefined)
  for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/', '/8', 'x/8', '::/129'])
    assert.equal(parseCidr(text), undefined, text)
})
