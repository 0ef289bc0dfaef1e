/** The fields that we read of a container in the daemon's list (Docker Engine API, ContainerList). */
export interface ListedContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  /** Unix time, seconds. */
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig?: { readonly NetworkMode?: string };
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, ListedNetwork>> };
}

export interface ListedNetwork {
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
}

/**
 * Reads an entry of the list. Daemons may write null, or something else, for an absent value: that must not hide the other
 * entries. Undefined: it has no id.
 */
export function readListed(entry: unknown): ListedContainer | undefined {
  const { Id, Names, Image, Created, Labels, HostConfig, NetworkSettings } = fieldsOf(entry);
  if (!isText(Id) || Id === '') return undefined;
  const networks = Object.entries(fieldsOf(fieldsOf(NetworkSettings)['Networks']));
  return {
    Id,
    Names: Array.isArray(Names) ? Names.filter(isText) : [],
    Image: isText(Image) ? Image : '',
    Created: typeof Created === 'number' ? Created : 0,
    Labels: textsOf(Labels),
    HostConfig: textsOf(HostConfig),
    NetworkSettings: {
      Networks: Object.fromEntries(networks.map(([name, network]) => [name, textsOf(network)])),
    },
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const fields = fieldsOf(value);
  // Nearly always true: saves a copy of each label of each container in each scrape.
  if (areTexts(fields)) return fields;
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => isText(field[1])),
  );
}

function areTexts(fields: Readonly<Record<string, unknown>>): fields is Readonly<Record<string, string>> {
  return Object.values(fields).every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
