/** The arrows of imports point inward only: infrastructure → adapters → application → domain. */
const inner = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed },
});

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    inner('domain-imports-only-domain', '^src/domain/', '^src/domain/'),
    inner('application-imports-domain', '^src/application/', '^src/(domain|application)/'),
    {
      name: 'adapters-import-no-infrastructure',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^src/(infrastructure/|main|index)' },
    },
    {
      name: 'adapters-import-no-other-adapter',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'inversify-in-the-container-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/infrastructure/container/' },
      to: { path: 'node_modules/(inversify|reflect-metadata)' },
    },
    {
      name: 'entries-import-infrastructure-only',
      severity: 'error',
      from: { path: '^src/(main|index)\\.ts$' },
      to: { pathNot: '^src/infrastructure/' },
    },
    {
      name: 'nothing-outside-the-four-rooms',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(domain|application|adapters|infrastructure)/|^src/(main|index)\\.ts$',
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript: its modules import each other alone.
    exclude: { path: '^src/adapters/exposition/assembly/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
