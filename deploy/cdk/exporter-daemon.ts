import { Port, type IConnectable, type IPeer } from 'aws-cdk-lib/aws-ec2';
import { CfnService, CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';

const NAME = 'ecs-service-metrics-exporter';
const METRICS_PORT = 9102;
const DOCKER_SOCKET = '/var/run/docker.sock';

export interface ExporterDaemonProps {
  readonly clusterName: string;
  /** The exporter's image, with its tag. */
  readonly image: string;
  /** The cluster's instances: an ecs.Cluster, an auto scaling group or a security group. */
  readonly instances: IConnectable;
  /** Who may scrape: the security group of Prometheus. */
  readonly prometheus: IPeer;
  /** The exporter's variables, such as IDENTITY_LABELS. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * One exporter on each instance of an ECS cluster, and the way for Prometheus to its port. No IAM role: the exporter asks
 * the Docker daemon only. (The level 2 constructs of aws-ecs would make a role.)
 */
export class ExporterDaemon extends Construct {
  constructor(scope: Construct, id: string, props: ExporterDaemonProps) {
    super(scope, id);
    const environment = Object.entries(props.environment ?? {}).map(([name, value]) => ({ name, value }));
    const taskDefinition = new CfnTaskDefinition(this, 'TaskDefinition', {
      family: NAME,
      networkMode: 'host',
      requiresCompatibilities: ['EC2'],
      containerDefinitions: [
        {
          name: NAME,
          image: props.image,
          essential: true,
          cpu: 64,
          memory: 128,
          // The group that owns the socket differs between AMIs: 1000:GID works as well, where you know it.
          user: '0',
          readonlyRootFilesystem: true,
          linuxParameters: { capabilities: { drop: ['ALL'] } },
          ...(environment.length > 0 && { environment }),
          portMappings: [{ containerPort: METRICS_PORT, hostPort: METRICS_PORT, protocol: 'tcp' }],
          mountPoints: [{ sourceVolume: 'docker-socket', containerPath: DOCKER_SOCKET }],
          healthCheck: {
            command: ['CMD', '/node', 'dist/main.js', 'health'],
            interval: 30,
            timeout: 5,
            retries: 3,
            startPeriod: 10,
          },
          stopTimeout: 30,
          logConfiguration: { logDriver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
        },
      ],
      volumes: [{ name: 'docker-socket', host: { sourcePath: DOCKER_SOCKET } }],
    });
    new CfnService(this, 'Service', {
      cluster: props.clusterName,
      taskDefinition: taskDefinition.ref,
      schedulingStrategy: 'DAEMON',
      // Two can't listen on one port: the old task stops before the new one starts.
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
    });
    props.instances.connections.allowFrom(props.prometheus, Port.tcp(METRICS_PORT), 'Prometheus to exporter');
  }
}
