export { default, type LeaveIommuOnOptions, leaveIommuOn } from './leave-iommu-on.ts';
