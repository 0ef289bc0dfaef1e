import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { FAILURE_REASONS } from '../../../src/domain/fetching/failure.ts';
import { headingAnchors, readDocument } from '../../support/markdown.ts';
import { promtool } from '../../support/promtool.ts';

const FOLDER = join(import.meta.dirname, '../../../deploy/prometheus');
const CONFIGS = ['prometheus.yml', 'prometheus-basic-auth.yml', 'prometheus-mtls.yml'];

interface ScrapeConfig {
  readonly job_name: string;
  readonly scheme?: string;
  readonly tls_config?: object;
  readonly basic_auth?: object;
  readonly ec2_sd_configs: readonly { readonly region?: string; readonly port?: number }[];
  readonly relabel_configs: readonly object[];
}

interface AlertRule {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'action' | 'docs', string>>;
}

function readYaml(file: string): unknown {
  return parse(readFileSync(join(FOLDER, file), 'utf8'));
}

function scrapeConfig(file: string): ScrapeConfig {
  return (readYaml(file) as { scrape_configs: [ScrapeConfig] }).scrape_configs[0];
}

function alertRules(): readonly AlertRule[] {
  const { groups } = readYaml('rules/alerts.rules.yml') as { groups: { rules: AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

describe('the scrape configurations', () => {
  // promtool looks for the files of certificates that a configuration names.
  const folder = mkdtempSync(join(tmpdir(), 'scrape-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(CONFIGS)('%s passes promtool', (file) => {
    for (const name of ['exporter-ca.pem', 'exporter-password', 'client.pem', 'client-key.pem']) {
      writeFileSync(join(folder, name), '');
    }
    const text = readFileSync(join(FOLDER, file), 'utf8').replaceAll('/etc/prometheus/', `${folder}/`);
    const copy = join(folder, file);
    mkdirSync(join(folder, 'rules'), { recursive: true });
    for (const rules of readdirSync(join(FOLDER, 'rules'))) {
      writeFileSync(join(folder, 'rules', rules), readFileSync(join(FOLDER, 'rules', rules)));
    }
    writeFileSync(copy, text);
    expect(promtool(['check', 'config', copy])).toMatch(/2 rule files found/);
  });

  it.each(CONFIGS)('%s names a region and our port', (file) => {
    expect(scrapeConfig(file).ec2_sd_configs).toEqual([
      expect.objectContaining({ region: 'eu-west-1', port: 9102 }),
    ]);
  });

  it('differ in how they authenticate only', () => {
    const [plain, basic, mutual] = CONFIGS.map(scrapeConfig);
    const file = expect.any(String) as string;
    const tls = { ca_file: file, server_name: file };
    expect(basic).toEqual({
      ...plain,
      scheme: 'https',
      tls_config: tls,
      basic_auth: { username: 'prometheus', password_file: file },
    });
    expect(mutual).toEqual({
      ...plain,
      scheme: 'https',
      tls_config: { ...tls, cert_file: file, key_file: file },
    });
  });
});

describe('the rules', () => {
  it('pass promtool check rules', () => {
    const files = ['alerts.rules.yml', 'recording.rules.yml'].map((file) => join(FOLDER, 'rules', file));
    expect(promtool(['check', 'rules', ...files])).toMatch(/SUCCESS/);
  });

  it('do what their unit tests say', () => {
    const tests = readdirSync(join(FOLDER, 'rules')).filter((file) => file.endsWith('.test.yml'));
    expect(tests).toHaveLength(2);
    promtool(['test', 'rules', ...tests.map((file) => join(FOLDER, 'rules', file))]);
  });

  it('have a unit test for each alert', () => {
    const { tests } = readYaml('rules/alerts.test.yml') as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const firing = tests
      .flatMap(({ alert_rule_test: cases }) => cases)
      .filter(({ exp_alerts: alerts }) => alerts.length > 0)
      .map(({ alertname }) => alertname);
    expect([...new Set(firing)].sort()).toEqual(
      alertRules()
        .map(({ alert }) => alert)
        .sort(),
    );
  });

  it.each(alertRules())('$alert says how bad it is, what to do and where to read on', (rule) => {
    expect(rule.labels.severity).toMatch(/^(critical|warning|info)$/);
    expect(rule.annotations.action.length).toBeGreaterThan(20);
    const [file = '', anchor = ''] = rule.annotations.docs.split('#');
    const anchors = headingAnchors(readDocument(file));
    if (!anchor.includes('{{')) expect(anchors).toContain(anchor);
  });

  it('have a line of the runbook for each reason, and no other', () => {
    const rule = alertRules().find(({ alert }) => alert === 'EcsServiceMetricsTargetDown');
    const reasons = [...(rule?.annotations.action ?? '').matchAll(/eq \$labels\.reason "(\w+)" \}\}\S/g)];
    expect(reasons.map(([, reason]) => reason)).toEqual([...FAILURE_REASONS]);
    expect(headingAnchors(readDocument('docs/troubleshooting.md'))).toEqual(
      expect.arrayContaining([...FAILURE_REASONS]),
    );
  });
});
