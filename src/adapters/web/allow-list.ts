import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';

/** A range of addresses: a network address without host bits, and the length of its prefix. */
export interface Cidr {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
}

const ADDRESS_BITS = { ipv4: 32, ipv6: 128 } as const;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Reads a comma-separated list such as `10.0.0.0/8, 2001:db8::/32`. `mistakes` has a line for each invalid entry. */
export function parseCidrs(text: string): {
  readonly cidrs: readonly Cidr[];
  readonly mistakes: readonly string[];
} {
  const cidrs: Cidr[] = [];
  const mistakes: string[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    const result = parseCidr(entry);
    if (typeof result === 'string') mistakes.push(`"${entry}" ${result}`);
    else cidrs.push(result);
  }
  return { cidrs, mistakes };
}

function parseCidr(entry: string): Cidr | string {
  const [address = '', prefixText, ...rest] = entry.split('/');
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) && !address.includes('%') ? 'ipv6' : undefined;
  if (family === undefined || rest.length > 0)
    return 'is not a range of addresses such as 10.0.0.0/8 or 2001:db8::/32';
  const bits = ADDRESS_BITS[family];
  if (prefixText === undefined) return `has no prefix length: write ${address}/${bits} for this one address`;
  const prefix = Number(prefixText);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(prefixText) || prefix > bits) {
    return `has a prefix length that is not within 0 to ${bits}`;
  }
  const mapped = new SocketAddress({ address, family }).address;
  if (MAPPED_IPV4.test(mapped))
    return 'is IPv4 in IPv6 notation: write it as IPv4, clients of both forms match it';
  const network = networkAddress(address, family, prefix);
  if (network !== new SocketAddress({ address, family }).address) {
    return `has bits set after its prefix: write ${network}/${prefix}`;
  }
  return { family, address: network, prefix };
}

function networkAddress(address: string, family: Cidr['family'], prefix: number): string {
  const bits = BigInt(ADDRESS_BITS[family]);
  const hostBits = bits - BigInt(prefix);
  const network = (toNumber(address, family) >> hostBits) << hostBits;
  const groupBits = family === 'ipv4' ? 8n : 16n;
  const groups: string[] = [];
  for (let shift = bits - groupBits; shift >= 0n; shift -= groupBits) {
    const group = (network >> shift) & ((1n << groupBits) - 1n);
    groups.push(group.toString(family === 'ipv4' ? 10 : 16));
  }
  return new SocketAddress({ address: groups.join(family === 'ipv4' ? '.' : ':'), family }).address;
}

function toNumber(address: string, family: Cidr['family']): bigint {
  if (family === 'ipv4') {
    return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  }
  const [head = '', tail] = address.replace(/\d+\.\d+\.\d+\.\d+$/, hexPair).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** The last 32 bits of an IPv6 address, from `1.2.3.4` to `102:304`. */
function hexPair(dotted: string): string {
  const value = toNumber(dotted, 'ipv4');
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

/** Decides who may connect, by the address of the socket's peer. An empty list allows every address. */
export class AllowList {
  readonly #allowsAll: boolean;
  // One list per family: in a single BlockList, `::/0` would include all of IPv4.
  readonly #ranges = { ipv4: new BlockList(), ipv6: new BlockList() };

  constructor(cidrs: readonly Cidr[]) {
    this.#allowsAll = cidrs.length === 0;
    for (const { family, address, prefix } of cidrs) this.#ranges[family].addSubnet(address, prefix, family);
  }

  /** @param address of `socket.remoteAddress`; undefined (the peer has disconnected) is only allowed by an empty list. */
  allows(address: string | undefined): boolean {
    if (this.#allowsAll) return true;
    if (address === undefined) return false;
    const bare = MAPPED_IPV4.exec(address)?.[1] ?? address.replace(/%.*$/, '');
    const family = isIPv4(bare) ? 'ipv4' : 'ipv6';
    return isIPv6(bare) || family === 'ipv4' ? this.#ranges[family].check(bare, family) : false;
  }
}
