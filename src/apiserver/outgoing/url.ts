import type { Address } from './resolve-service.ts'

/** `10.0.0.1:80`, `[fd00::1]:80` */
export const formatAddress = ({ host, port }: Address): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

export const urlOf = (scheme: 'http' | 'https', address: Address): string => `${scheme}://${formatAddress(address)}`
