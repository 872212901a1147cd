// What is said around every page: navigation, connection, the end of a session, a page that is none, in English.
import { plural } from '../plural.ts';

export const frame = {
  nav: {
    label: 'Main',
    dashboard: 'Overview',
    move: 'Move money',
    transfer: 'Transfer',
    deposit: 'Deposit',
    withdraw: 'Withdraw',
    notifications: 'Notifications',
    unread: (count: number) => (count === 0 ? 'none unread' : `${count >= 1000 ? '1000+' : count} unread`),
    profile: 'Profile',
    customers: 'Customers',
    operations: 'Operations',
    signOut: 'Sign out',
  },
  states: {
    offline: 'You are offline. What is shown may be old; nothing you send is lost.',
    waking: 'A function is waking up from zero; this takes a few seconds.',
    live: 'Live',
    connecting: 'Connecting …',
    lost: 'Not live',
    liveHint: 'What happens to your accounts appears here by itself.',
    connectingHint: 'Connecting to the stream of notifications.',
    lostHint: 'The stream of notifications is interrupted; we look every 15 seconds and reconnect by ourselves.',
    newVersion: 'There is a new version of this page.',
    reload: 'Reload',
  },
  sessionEnding: {
    title: 'Are you still there?',
    text: (seconds: number) => `You will be signed out in ${plural(seconds, 'second', 'seconds')}.`,
    last: 'For your safety nobody stays signed in for longer than 12 hours. Sign in again to go on.',
    stay: 'Stay signed in',
  },
  notFound: {
    title: 'There is no such page',
    text: 'The address may be mistyped, or the page has moved.',
    home: 'To the overview',
  },
};
