import type { Service } from '../../apis/core/service.ts'
import type { AdmissionStep } from '../types.ts'
import { refuse } from './refuse.ts'
import { isAbout } from './requests.ts'

/** Whoever may name external addresses of services can draw traffic that is meant for others. Off unless asked for. */
export const denyServiceExternalIps: AdmissionStep = {
  name: 'DenyServiceExternalIPs',
  handles: request => (request.operation === 'CREATE' || request.operation === 'UPDATE') && isAbout(request, '', 'services'),
  validate(request) {
    const before = new Set((request.old as Service | undefined)?.spec?.externalIPs)
    const added = ((request.object as Service).spec?.externalIPs ?? []).some(ip => !before.has(ip))
    if (added) throw refuse(request, 'Use of external IPs is denied by admission control')
  },
}
