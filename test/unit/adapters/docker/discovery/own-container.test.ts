import {
  findOwnContainer,
  readContainerTraces,
} from '../../../../../src/adapters/docker/discovery/own-container.ts';

const ID = '71fbdf7f856d50fb32eb59fe80b94fd86247973475e3887a5df3382413365016';
const OTHER = 'b67e27b2b76f45b09fecaf2b5856c7c083184bf9bb156f78f358d2765044c3a1';
const NONE = { mountinfo: '', cgroup: '', hostname: 'ip-10-0-0-7', hasMarkerFile: false };

describe('findOwnContainer', () => {
  it.each([
    ['nothing', {}, []],
    [
      'the mounts of Docker',
      { mountinfo: mounted(`/var/lib/docker/containers/${ID}/hostname`, '/etc/hostname') },
      [ID],
    ],
    [
      'a data root elsewhere',
      { mountinfo: mounted(`/docker/containers/${ID}/resolv.conf`, '/etc/resolv.conf') },
      [ID],
    ],
    [
      "the host's own table of others' mounts",
      { mountinfo: mounted(`/`, `/var/lib/docker/containers/${OTHER}/mounts/shm`) },
      [],
    ],
    ['cgroup v1', { cgroup: `4:memory:/docker/${ID}\n1:cpu:/docker/${ID}\n` }, [ID]],
    ['cgroup v1 on ECS', { cgroup: `4:memory:/ecs/0f8fad5bd9cb469fa16570867728950e/${ID}\n` }, [ID]],
    ['cgroup of systemd', { cgroup: `0::/system.slice/docker-${ID}.scope\n` }, [ID]],
    ['cgroup v2 in its own namespace', { cgroup: '0::/\n' }, []],
    ['the host name, in a container', { hostname: ID.slice(0, 12), hasMarkerFile: true }, [ID.slice(0, 12)]],
    ['such a host name outside a container', { hostname: ID.slice(0, 12) }, []],
  ])('%s', (_case, traces, ids) => {
    expect(findOwnContainer({ ...NONE, ...traces }).ids).toEqual(ids);
  });

  it('trusts the control group alone: the mounts may be those of a network owner', () => {
    const mountinfo = mounted(`/var/lib/docker/containers/${OTHER}/hostname`, '/etc/hostname');
    const cgroup = `4:memory:/docker/${ID}\n1:cpu:/docker/${ID}\n`;
    expect(findOwnContainer({ ...NONE, mountinfo, cgroup })).toMatchObject({
      ids: [OTHER, ID],
      certainId: ID,
    });
    expect(findOwnContainer({ ...NONE, mountinfo, cgroup: '0::/\n' }).certainId).toBeUndefined();
  });

  it('knows that it is in a container without knowing which', () => {
    expect(findOwnContainer({ ...NONE, hasMarkerFile: true })).toEqual({
      isContainer: true,
      ids: [],
      certainId: undefined,
    });
  });

  it('reads this process', () => {
    expect(readContainerTraces().mountinfo).toContain(' / ');
  });
});

function mounted(root: string, mountPoint: string): string {
  return `100 90 8:1 / / rw - ext4 /dev/sda1 rw\n612 590 254:1 ${root} ${mountPoint} rw,relatime - ext4 /dev/root rw\n`;
}
