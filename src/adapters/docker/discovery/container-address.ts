import type { TargetAddress } from '../../../domain/targets/target.ts';
import type { ListedContainer } from '../connection/listed-container.ts';

/** Facts beside a container itself that its address for HTTP depends on. */
export interface AddressContext {
  /** Containers by id: those whose network others share. */
  readonly networkOwners: ReadonlyMap<string, ListedContainer>;
  /** The address of containers in host network mode; undefined: they have none for us. */
  readonly hostNetworkAddress: string | undefined;
}

// Docker refuses longer chains than one; a guard against an answer that goes in a circle.
const MAX_HOPS = 3;

/** The id of the container whose network this one shares; undefined if it has its own. */
export function networkOwnerId(container: ListedContainer): string | undefined {
  return /^container:(.+)$/.exec(networkMode(container))?.[1];
}

export function isOnHostNetwork(container: ListedContainer): boolean {
  return networkMode(container) === 'host';
}

/** A container's address for HTTP: the same one for the same networks, IPv4 before IPv6, by network name. */
export function containerAddress(
  container: ListedContainer,
  context: AddressContext,
  hops = 0,
): TargetAddress {
  if (isOnHostNetwork(container)) {
    return context.hostNetworkAddress === undefined
      ? none(
          'the container is on the host network, which we are not: set HOST_NETWORK_ADDRESS or use exec mode',
        )
      : { kind: 'ip', host: context.hostNetworkAddress };
  }
  const ownerId = networkOwnerId(container);
  if (ownerId !== undefined) {
    const owner = context.networkOwners.get(ownerId);
    if (owner === undefined || hops >= MAX_HOPS) {
      return none(
        `the container whose network it shares (${ownerId.slice(0, 12)}) doesn't run: use exec mode`,
      );
    }
    return containerAddress(owner, context, hops + 1);
  }
  const networks = Object.entries(container.NetworkSettings?.Networks ?? {})
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, network]) => network);
  const host =
    networks.map((network) => network.IPAddress).find(isGiven) ??
    networks.map((network) => network.GlobalIPv6Address).find(isGiven);
  if (host !== undefined) return { kind: 'ip', host };
  return none(
    hops > 0
      ? 'Docker knows no address of the container whose network it shares (awsvpc: the pause container is on network none): use exec mode'
      : `Docker knows no address of it (network ${networkMode(container)}): use exec mode`,
  );
}

function networkMode(container: ListedContainer): string {
  return container.HostConfig?.NetworkMode ?? 'default';
}

function isGiven(address: string | undefined): address is string {
  return address !== undefined && address !== '';
}

function none(hint: string): TargetAddress {
  return { kind: 'none', hint };
}
