import { type CelType, celTypes, listOf, mapOf, opaque, optionalOf, typeOf } from './types.ts'

const named: Readonly<Record<string, CelType>> = {
  bool: celTypes.bool,
  bytes: celTypes.bytes,
  double: celTypes.double,
  dyn: celTypes.dyn,
  int: celTypes.int,
  list: listOf(celTypes.dyn),
  map: mapOf(celTypes.dyn, celTypes.dyn),
  null_type: celTypes.null,
  string: celTypes.string,
  type: typeOf(celTypes.dyn),
  uint: celTypes.uint,
  optional_type: optionalOf(celTypes.dyn),
  'google.protobuf.Timestamp': celTypes.timestamp,
  'google.protobuf.Duration': celTypes.duration,
  'net.IP': opaque('net.IP'),
  'net.CIDR': opaque('net.CIDR'),
  'kubernetes.URL': opaque('kubernetes.URL'),
  'kubernetes.Quantity': opaque('kubernetes.Quantity'),
  'kubernetes.Semver': opaque('kubernetes.Semver'),
  'kubernetes.NamedFormat': opaque('kubernetes.NamedFormat'),
}

/** Types that expressions can name, as in `type(x) == int`. */
export const typeNamed = (name: string): CelType | undefined => (Object.hasOwn(named, name) ? named[name] : undefined)
