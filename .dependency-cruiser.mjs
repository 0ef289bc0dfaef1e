/**
 * Who may import whom. The arrows point inward only: infrastructure → adapters → application → domain; inside a large folder the
 * rooms have an order, too. test/unit/layers.test.ts breaks each rule once.
 */
const forbid = (name, from, to) => ({
  name,
  severity: 'error',
  from: typeof from === 'string' ? { path: from } : from,
  to,
});

/**
 * One rule per room of a folder. A room is a folder below it, or `.` for the files of the folder itself; it may import itself and
 * the rooms it names. What lies outside the folder is up to other rules.
 */
function rooms(folder, allowed) {
  const pathOf = (room) => (room === '.' ? `^src/${folder}/[^/]+\\.ts$` : `^src/${folder}/${room}/`);
  return Object.entries(allowed).map(([room, others]) =>
    forbid(`${folder}/${room}`, pathOf(room), {
      path: `^src/${folder}/`,
      pathNot: [room, ...others].map(pathOf),
    }),
  );
}

export default {
  forbidden: [
    forbid('no-circular', {}, { circular: true }),
    forbid('not-resolvable', {}, { couldNotResolve: true }),
    forbid('domain-imports-only-domain', '^src/domain/', { pathNot: '^src/domain/' }),
    forbid('application-imports-domain', '^src/application/', { pathNot: '^src/(domain|application)/' }),
    forbid('adapters-import-no-infrastructure', '^src/adapters/', {
      path: '^src/(infrastructure/|main|index)',
    }),
    forbid('adapters-import-no-other-adapter', '^src/adapters/([^/]+)/', {
      path: '^src/adapters/',
      pathNot: '^src/adapters/$1/',
    }),
    forbid(
      'inversify-in-the-container-only',
      { path: '^src/', pathNot: '^src/infrastructure/container/' },
      { path: 'node_modules/(inversify|reflect-metadata)' },
    ),
    // The promise that http mode sends nothing but GET /containers/json rests on discovery's rule below, and on this one.
    forbid(
      'dockerode-in-the-connection-only',
      { path: '^src/', pathNot: '^src/adapters/docker/connection/' },
      { path: 'node_modules/(@types/)?dockerode' },
    ),
    forbid('entries-import-infrastructure-only', '^src/(main|index)\\.ts$', {
      pathNot: '^src/infrastructure/',
    }),
    forbid(
      'nothing-outside-the-four-layers',
      {
        path: '^src/',
        pathNot: '^src/(domain|application|adapters|infrastructure)/|^src/(main|index)\\.ts$',
      },
      {},
    ),
    forbid(
      'exposition-has-two-doors',
      { path: '^src/', pathNot: '^src/adapters/exposition/' },
      {
        path: '^src/adapters/exposition/',
        pathNot: '^src/adapters/exposition/(wasm-metrics-relabeler|bodies/heap-body-store)\\.ts$',
      },
    ),
    ...rooms('domain', {
      '.': [],
      targets: ['.'],
      fetching: ['targets', '.'],
      exposition: ['fetching', 'targets', '.'],
      reporting: ['exposition', 'fetching', 'targets', '.'],
    }),
    ...rooms('application', { fetching: [], '.': ['fetching'] }),
    ...rooms('adapters/docker', {
      connection: [],
      discovery: ['connection'],
      'exec/run': ['connection'],
      'exec/clients': ['exec/run', 'connection'],
      'exec/session': ['exec/clients', 'exec/run', 'connection'],
      exec: ['connection'],
      'task-metadata': ['exec', 'connection'],
      guard: ['connection'],
    }),
    ...rooms('adapters/exposition', {
      bodies: [],
      engine: [],
      samples: ['engine'],
      reading: ['samples', 'engine'],
      merging: ['samples', 'engine'],
      writing: ['merging', 'samples', 'engine'],
    }),
    ...rooms('adapters/koa', { answers: [], pages: ['answers'], '.': ['answers', 'pages'] }),
    ...rooms('adapters/web', { auth: [], config: [], '.': ['auth', 'config'] }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript: its modules import each other alone.
    exclude: { path: '^src/adapters/exposition/engine/assembly/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
