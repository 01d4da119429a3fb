export { type AcceptOptions, acceptActiveIommuCopy, default } from './accept-active-iommu-copy.ts';
