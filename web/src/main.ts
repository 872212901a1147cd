// Starts the page: language, then who is signed in, then what is to be seen.
import { mount } from 'svelte';
import App from './App.svelte';
import { servePages } from './app/navigation.ts';
import { connection } from './frame/connection.svelte.ts';
import { pages } from './routes.ts';
import { language } from './words/language.svelte.ts';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/print.css';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
connection.start();
servePages(pages);
await language.start();
mount(App, { target });
