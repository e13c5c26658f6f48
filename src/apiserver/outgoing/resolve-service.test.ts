import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EndpointSlice } from '../../apis/discovery/endpoint-slice.ts'
import { type Address, resolveService, type ServiceView } from './resolve-service.ts'

const metadata = { name: 'web', namespace: 'shop' }
const service = (spec: object): ServiceView['service'] => ({ metadata, spec: { type: 'ClusterIP', ...spec } })
const ports = [
  { name: 'https', port: 443, protocol: 'TCP' },
  { name: 'dns', port: 53, protocol: 'UDP' },
]
const slice = (
  endpoints: EndpointSlice['endpoints'],
  slicePorts: EndpointSlice['ports'] = [{ name: 'https', port: 8443 }],
  addressType = 'IPv4',
) => ({
  metadata,
  addressType,
  endpoints,
  ports: slicePorts,
})
const nothing: ServiceView = { service: undefined, slices: [], endpoints: undefined }

describe('the addresses of a service', () => {
  const cases: readonly [string, Partial<ServiceView>, readonly Address[] | string, number?][] = [
    ['no such service', {}, 'service "web" not found'],
    ['a port that the service does not have', { service: service({ ports }) }, 'no service port 444 found for service "web"', 444],
    ['no endpoints', { service: service({ ports }) }, 'no endpoints available for service "web"'],
    ['an external name', { service: service({ type: 'ExternalName', externalName: 'web.example' }) }, [{ host: 'web.example', port: 443 }]],
    [
      'ready endpoints, unknown state included, each by its first address',
      {
        service: service({ ports }),
        slices: [
          slice([{ addresses: ['10.0.0.1', '10.0.0.9'] }, { addresses: ['10.0.0.2'], conditions: { ready: false } }]),
          slice([{ addresses: ['fd00::1'], conditions: { ready: true } }], [{ name: 'https', port: 9443 }], 'IPv6'),
        ],
      },
      [
        { host: '10.0.0.1', port: 8443 },
        { host: 'fd00::1', port: 9443 },
      ],
    ],
    [
      'slices of names, and of other ports',
      {
        service: service({ ports }),
        slices: [
          slice([{ addresses: ['a.example'] }], undefined, 'FQDN'),
          slice([{ addresses: ['10.0.0.1'] }], [{ name: 'http', port: 80 }]),
        ],
      },
      'no endpoints available for service "web"',
    ],
    [
      'a port without a name',
      { service: service({ ports: [{ port: 443 }] }), slices: [slice([{ addresses: ['10.0.0.1'] }], [{ port: 8443 }])] },
      [{ host: '10.0.0.1', port: 8443 }],
    ],
    [
      'Endpoints where no slices are',
      {
        service: service({ ports }),
        endpoints: { metadata, subsets: [{ addresses: [{ ip: '10.0.0.7' }], ports: [{ name: 'https', port: 8443 }] }] },
      },
      [{ host: '10.0.0.7', port: 8443 }],
    ],
    [
      'Endpoints that are not ready',
      {
        service: service({ ports }),
        endpoints: { metadata, subsets: [{ notReadyAddresses: [{ ip: '10.0.0.7' }], ports: [{ name: 'https', port: 8443 }] }] },
      },
      'no endpoints available for service "web"',
    ],
  ]
  for (const [name, view, wanted, port = 443] of cases) {
    it(name, () => {
      const resolve = () => resolveService({ ...nothing, ...view }, 'web', port)
      if (typeof wanted === 'string') assert.throws(resolve, { message: wanted })
      else assert.deepEqual(resolve(), wanted)
    })
  }
})
