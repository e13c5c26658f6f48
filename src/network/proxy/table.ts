/**
 * The table's fixed part: its hooks, its chains, its empty maps and sets. Claims (claims.ts) fill it.
 *
 * A new connection meets `services`: one lookup by address, protocol and port leads to the chain that picks an
 * endpoint. Services without anything special share one chain per number of endpoints, which looks up
 * (address, protocol, port, random number) in one map; this is what makes ten thousand of them load in a third of a second.
 */
export type Family = 4 | 6

export interface TableOptions {
  readonly name: string
  readonly podCidrs: readonly string[]
  readonly serviceCidrs: readonly string[]
}

/** Set on packets whose source must become this node's, so that answers come back through it. */
export const masqueradeMark = 'meta mark set meta mark | 0x4000'

export const tableName = (cluster: string): string => `proa-${cluster}-services`

/** Deletes the table where it is there, and makes it anew. */
export function skeleton({ name, podCidrs, serviceCidrs }: TableOptions): string {
  return `add table inet ${name}
delete table inet ${name}
table inet ${name} {
${([4, 6] as const).map(family => mapsOf(family, podCidrs, serviceCidrs)).join('')}${chains}}
`
}

function mapsOf(family: Family, podCidrs: readonly string[], serviceCidrs: readonly string[]): string {
  const type = family === 4 ? 'ipv4_addr' : 'ipv6_addr'
  const daddr = `${header(family)} daddr`
  return `  set pod-cidrs-${family} { type ${type}; flags interval;${elementsOf(family, podCidrs)} }
  set service-cidrs-${family} { type ${type}; flags interval;${elementsOf(family, serviceCidrs)} }
  set cluster-ips-${family} { type ${type}; }
  set hairpin-${family} { type ${type} . ${type}; }
  map service-ips-${family} { type ${type} . inet_proto . inet_service : verdict; }
  map node-ports-${family} { type inet_proto . inet_service : verdict; }
  map host-ports-${family} { typeof meta l4proto . th dport : ${daddr} . th dport; }
  map host-address-ports-${family} { typeof ${daddr} . meta l4proto . th dport : ${daddr} . th dport; }
  map unserved-ips-${family} { type ${type} . inet_proto . inet_service : verdict; }
  map unserved-ports-${family} { type inet_proto . inet_service : verdict; }
`
}

function elementsOf(family: Family, cidrs: readonly string[]): string {
  const own = cidrs.filter(cidr => cidr.includes(':') === (family === 6))
  return own.length ? ` elements = { ${own.join(', ')} };` : ''
}

// Answers that conntrack can't place would leave with a pod's own address; their receiver would reset the connection.
// Packets for 127.0.0.0/8 may enter by no wire, though route_localnet lets answers to node ports on loopback in.
const chains = `  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject
  }
  chain host-ports {
    dnat ip to ip daddr . meta l4proto . th dport map @host-address-ports-4
    dnat ip6 to ip6 daddr . meta l4proto . th dport map @host-address-ports-6
    meta nfproto ipv4 dnat ip to meta l4proto . th dport map @host-ports-4
    meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @host-ports-6
  }
  chain node-ports {
    meta nfproto ipv4 meta l4proto . th dport vmap @node-ports-4
    meta nfproto ipv6 meta l4proto . th dport vmap @node-ports-6
    jump host-ports
  }
  chain services {
    ip daddr . meta l4proto . th dport vmap @service-ips-4
    ip6 daddr . meta l4proto . th dport vmap @service-ips-6
    ip6 daddr ::1 return
    fib daddr type local jump node-ports
  }
  chain unserved {
    ip daddr . meta l4proto . th dport vmap @unserved-ips-4
    ip6 daddr . meta l4proto . th dport vmap @unserved-ips-6
    ip daddr @cluster-ips-4 goto refuse
    ip6 daddr @cluster-ips-6 goto refuse
    ip daddr @service-cidrs-4 drop
    ip6 daddr @service-cidrs-6 drop
  }
  chain unserved-node-ports {
    meta nfproto ipv4 meta l4proto . th dport vmap @unserved-ports-4
    meta nfproto ipv6 meta l4proto . th dport vmap @unserved-ports-6
  }
  chain masquerading {
    meta mark set meta mark & 0xffffbfff
    masquerade fully-random
  }
  chain nat-prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
  chain nat-output { type nat hook output priority -100; policy accept; jump services; }
  chain nat-postrouting { type nat hook postrouting priority srcnat; policy accept;
    meta mark & 0x4000 == 0x4000 goto masquerading
    ip saddr . ip daddr @hairpin-4 masquerade fully-random
    ip6 saddr . ip6 daddr @hairpin-6 masquerade fully-random
    ip saddr 127.0.0.0/8 oifname != "lo" masquerade fully-random
    ip saddr @pod-cidrs-4 ip daddr != @pod-cidrs-4 ip daddr != 224.0.0.0/4 masquerade fully-random
    ip6 saddr @pod-cidrs-6 ip6 daddr != @pod-cidrs-6 ip6 daddr != ff00::/8 masquerade fully-random
  }
  chain raw-prerouting { type filter hook prerouting priority raw; policy accept;
    iifname != "lo" ip daddr 127.0.0.0/8 drop
  }
  chain filter-input { type filter hook input priority filter; policy accept;
    ct state new jump unserved
    ct state new fib daddr type local jump unserved-node-ports
  }
  chain filter-forward { type filter hook forward priority filter; policy accept;
    ct state new jump unserved
    ip saddr @pod-cidrs-4 ct state invalid drop
    ip6 saddr @pod-cidrs-6 ct state invalid drop
  }
  chain filter-output { type filter hook output priority filter; policy accept;
    ct state new jump unserved
    ct state new fib daddr type local jump unserved-node-ports
  }
`

/** Maps and chains for services of both families with `count` endpoints; nothing where they are there already. */
export function countSkeleton(table: string, count: number): string {
  return ([4, 6] as const).map(family => countSkeletonOf(table, family, count)).join('')
}

function countSkeletonOf(table: string, family: Family, count: number): string {
  const ip = header(family)
  const pick = `numgen random mod ${count}`
  const byAddress = `${ip} daddr . meta l4proto . th dport . ${pick}`
  const byPort = `meta l4proto . th dport . ${pick}`
  const lines = [
    `map inet ${table} endpoints-${family}-${count} { typeof ${byAddress} : ${ip} daddr . th dport; }`,
    `map inet ${table} node-port-endpoints-${family}-${count} { typeof ${byPort} : ${ip} daddr . th dport; }`,
    ...(['cluster', 'external', 'node-port'] as const).map(chain => `chain inet ${table} ${chain}-${family}-${count}`),
    `rule inet ${table} cluster-${family}-${count} ${ip} saddr != @pod-cidrs-${family} ${masqueradeMark}`,
    `rule inet ${table} cluster-${family}-${count} dnat ${ip} to ${byAddress} map @endpoints-${family}-${count}`,
    `rule inet ${table} external-${family}-${count} ${masqueradeMark}`,
    `rule inet ${table} external-${family}-${count} dnat ${ip} to ${byAddress} map @endpoints-${family}-${count}`,
    `rule inet ${table} node-port-${family}-${count} ${masqueradeMark}`,
    `rule inet ${table} node-port-${family}-${count} meta nfproto ipv${family} dnat ${ip} to ${byPort} map @node-port-endpoints-${family}-${count}`,
  ]
  return lines.map(line => `add ${line}\n`).join('')
}

export const header = (family: Family): 'ip' | 'ip6' => (family === 4 ? 'ip' : 'ip6')
