// What is said in many places, in English.

export const general = {
  common: {
    skip: 'Skip to content',
    messages: 'Messages',
    close: 'Close',
    cancel: 'Cancel',
    retry: 'Try again',
    loading: 'Loading …',
    loadMore: 'Load more',
    all: 'All',
    optional: 'optional',
    from: 'From',
    to: 'To',
    showTable: 'Show as table',
    hideTable: 'Hide table',
    showPassword: 'Show password',
    hidePassword: 'Hide password',
    dismiss: 'Dismiss',
    details: 'Details',
    chooseDate: 'Choose a date',
    previousMonth: 'Previous month',
    nextMonth: 'Next month',
  },
  theme: { label: 'Appearance', system: 'System', light: 'Light', dark: 'Dark' },
  languageLabel: 'Language',
};
