export { QtestSession } from './qtest-session.ts';
