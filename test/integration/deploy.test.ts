import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { installPackage } from '../support/installed-package.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const CDK = join(DEPLOY, 'cdk');
const SNAPSHOT = join(DEPLOY, 'cloudformation/template.json');
const TASK_DEFINITIONS = ['task-definition.json', 'task-definition-socket-proxy.json'];

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}
interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

const outdir = mkdtempSync(join(tmpdir(), 'cdk-out-'));

beforeAll(() => {
  installPackage(CDK);
  execFileSync(process.execPath, ['app.ts'], { cwd: CDK, env: { ...process.env, CDK_OUTDIR: outdir } });
});
afterAll(() => rmSync(outdir, { recursive: true }));

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function synthesised(stack: string): Template {
  return readJson(join(outdir, `${stack}.template.json`)) as Template;
}

function resources(template: Template, type: string): readonly Resource['Properties'][] {
  return Object.values(template.Resources).flatMap(({ Type, Properties }) =>
    Type === type ? [Properties] : [],
  );
}

/** CloudFormation writes the API's names with a capital; keys that are a user's own have none in our templates. */
function inApiSpelling(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inApiSpelling);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/^[A-Z]/, (c) => c.toLowerCase()),
      inApiSpelling(inner),
    ]),
  );
}

describe('the CDK app', () => {
  const exporter = (): Template => synthesised('EcsServiceMetricsExporter');

  it('makes the CloudFormation template that is in deploy/cloudformation', () => {
    const text = `${JSON.stringify(exporter(), null, 2)}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(SNAPSHOT, text);
    expect(text).toBe(readFileSync(SNAPSHOT, 'utf8'));
  });

  it('makes the task definition that is in deploy/ecs', () => {
    const [made] = resources(exporter(), 'AWS::ECS::TaskDefinition').map(inApiSpelling);
    const written = readJson(join(DEPLOY, 'ecs/task-definition.json')) as {
      containerDefinitions: [{ image: unknown }];
    };
    written.containerDefinitions[0].image = { ref: 'Image' };
    expect(made).toEqual(written);
  });

  it('runs one task on each instance', () => {
    expect(resources(exporter(), 'AWS::ECS::Service')).toEqual([
      expect.objectContaining({ SchedulingStrategy: 'DAEMON' }),
    ]);
  });

  it('opens the scrape port to Prometheus and nothing else', () => {
    expect(resources(exporter(), 'AWS::EC2::SecurityGroupIngress')).toEqual([
      {
        Description: 'Prometheus to exporter',
        IpProtocol: 'tcp',
        FromPort: 9102,
        ToPort: 9102,
        GroupId: { Ref: 'InstanceSecurityGroup' },
        SourceSecurityGroupId: { Ref: 'PrometheusSecurityGroup' },
      },
    ]);
    expect(
      Object.values(exporter().Resources)
        .map(({ Type }) => Type)
        .sort(),
    ).toEqual(['AWS::EC2::SecurityGroupIngress', 'AWS::ECS::Service', 'AWS::ECS::TaskDefinition']);
  });

  it('labels the sample service, which publishes no port', () => {
    const [definition] = resources(synthesised('SampleService'), 'AWS::ECS::TaskDefinition');
    const [container] = definition?.['ContainerDefinitions'] as Resource['Properties'][];
    expect(container?.['DockerLabels']).toEqual({ 'container-exposes-metrics': '9100/metrics' });
    expect(container).not.toHaveProperty('PortMappings');
  });
});

describe('types', () => {
  const misspelt = { family: 'x', networkMode: 'hosts', containerDefinitions: [{ name: 'x', memroy: 1 }] };
  const checked: Record<string, string> = Object.fromEntries([
    ...TASK_DEFINITIONS.map((file) => [
      join(CDK, `${file}.ts`),
      requestOf(readFileSync(join(DEPLOY, 'ecs', file), 'utf8')),
    ]),
    [join(CDK, 'misspelt.json.ts'), requestOf(JSON.stringify(misspelt))],
  ]) as Record<string, string>;
  let messages: readonly string[] = [];
  beforeAll(() => {
    messages = typeErrors(checked);
  });

  it.each(TASK_DEFINITIONS)('%s is what RegisterTaskDefinition takes', (file) => {
    expect(messages.filter((message) => message.includes(`/${file}.ts`))).toEqual([]);
  });

  it('find a misspelt name and a value that is none', () => {
    const found = messages.filter((message) => message.includes('/misspelt.json.ts'));
    expect(found.join()).toMatch(/memroy/);
    expect(found.join()).toMatch(/hosts/);
  });

  it('are right in the CDK app', () => {
    expect(messages.filter((message) => !message.includes('.json.ts'))).toEqual([]);
  });
});

function requestOf(json: string): string {
  return `import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
export const input: RegisterTaskDefinitionCommandInput = ${json.trimEnd()};`;
}

/** Checks the CDK app together with files that are in memory only. */
function typeErrors(files: Readonly<Record<string, string>>): readonly string[] {
  const config = ts.getParsedCommandLineOfConfigFile(join(CDK, 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  });
  const host = ts.createCompilerHost(config?.options ?? {});
  host.readFile = (name) => files[name] ?? ts.sys.readFile(name);
  host.fileExists = (name) => name in files || ts.sys.fileExists(name);
  const program = ts.createProgram({
    rootNames: [...(config?.fileNames ?? []), ...Object.keys(files)],
    options: config?.options ?? {},
    host,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
}

describe('the Terraform module', () => {
  interface HclParser {
    readonly parse: (name: string, text: string) => Promise<Readonly<Record<string, unknown>>>;
  }
  const parseHcl = async (text: string): Promise<Readonly<Record<string, unknown>>> => {
    const { parse } = createRequire(join(CDK, 'package.json'))('@cdktn/hcl2json') as HclParser;
    return parse('main.tf', text);
  };

  it('is HCL with a daemon, our task definition and one ingress rule', async () => {
    const { resource, locals } = await parseHcl(readFileSync(join(DEPLOY, 'terraform/main.tf'), 'utf8'));
    expect(resource).toMatchObject({
      aws_ecs_task_definition: { exporter: [{ volume: [{ host_path: '/var/run/docker.sock' }] }] },
      aws_ecs_service: { exporter: [{ scheduling_strategy: 'DAEMON' }] },
      aws_vpc_security_group_ingress_rule: { prometheus: [{ from_port: 9102, to_port: 9102 }] },
    });
    expect(JSON.stringify(locals)).toContain('/../ecs/task-definition.json');
  });

  it('would be refused if it were no HCL', async () => {
    await expect(parseHcl('resource "a" {{')).rejects.toThrow(/main\.tf:1/);
  });
});
