// What is said to whoever comes in, in English.

export const frontDoor = {
  signIn: {
    title: 'Sign in',
    lead: 'Good to see you again.',
    email: 'E-mail address',
    password: 'Password',
    submit: 'Sign in',
    noAccount: 'New here?',
    register: 'Become a customer',
    expired: 'Your session has ended, so you were signed out. Sign in to go on where you were.',
    signedOut: 'You are signed out.',
    pitch: 'A bank that shows its work.',
    pitchPoints: [
      'Every cent booked twice, and every balance explained by its entries.',
      'Pressed twice, reloaded, offline: money moves once.',
      'Nothing runs when nothing happens.',
    ],
  },
  register: {
    title: 'Become a customer',
    lead: 'It takes a minute. You can open accounts right after.',
    name: 'Full name',
    phone: 'Phone number',
    passwordHint: 'At least 15 characters. Four unrelated words are a good one.',
    submit: 'Register',
    haveAccount: 'Already a customer?',
    tellerTitle: 'Register a customer',
    tellerLead: 'Without a password they cannot sign in; tellers can still serve them.',
    done: (name: string) => `${name} is registered.`,
    role: 'Role',
    roles: { customer: 'Customer', teller: 'Teller' },
  },
};
