import { App, BootstraplessSynthesizer, CfnParameter, Stack } from 'aws-cdk-lib';
import { Peer, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ExporterDaemon } from './exporter-daemon.ts';
import { SampleService } from './sample-service.ts';

const app = new App({ analyticsReporting: false });

/** Stands alone, so that its template is one that CloudFormation takes without CDK (deploy/cloudformation). */
const exporter = new Stack(app, 'EcsServiceMetricsExporter', {
  description: 'ECS service metrics exporter: a daemon on each instance of a cluster',
  synthesizer: new BootstraplessSynthesizer(),
});

function parameter(name: string, description: string, type = 'String'): string {
  return new CfnParameter(exporter, name, { type, description }).valueAsString;
}

new ExporterDaemon(exporter, 'Exporter', {
  clusterName: parameter('ClusterName', 'Name of the ECS cluster'),
  image: parameter('Image', 'Image of the exporter with its tag'),
  instances: SecurityGroup.fromSecurityGroupId(
    exporter,
    'Instances',
    parameter('InstanceSecurityGroup', 'Security group of the instances', 'AWS::EC2::SecurityGroup::Id'),
  ),
  prometheus: Peer.securityGroupId(
    parameter('PrometheusSecurityGroup', 'Security group of Prometheus', 'AWS::EC2::SecurityGroup::Id'),
  ),
});

new SampleService(app, 'SampleService', { clusterName: 'my-ecs-cluster' });

app.synth();
