// What every component test stands on: the pages' own styles, as main.ts loads them.
import '../../src/styles/tokens.css';
import '../../src/styles/base.css';
