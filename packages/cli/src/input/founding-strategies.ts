/** The strategies that the command brings along, in the order in which a table shows them. */
export const foundingStrategies: readonly string[] = [
  'none',
  'xen-disconnect-on-crash',
  'hot-reset-at-setup_arch',
  'initcall-reset',
  'accept-active-iommu-copy',
];
