// What is said to somebody of themselves, in English.

export const profile = {
  profile: {
    title: 'Profile',
    you: 'About you',
    name: 'Name',
    email: 'E-mail',
    phone: 'Phone',
    noPhone: 'not given',
    since: 'Customer since',
    role: 'Role',
    preferences: 'Preferences',
    leave: 'Leave the bank',
    leaveText: 'Your name, addresses and password are erased. Close your accounts first.',
    leaveTitle: 'Leave the bank for good?',
    leaveConfirm: 'Leave and erase',
    left: 'You have left. Everything personal is erased.',
    number: 'Customer number',
  },
};
