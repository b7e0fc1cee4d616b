/** core-js brings no types; this module is imported for its effect. */
declare module 'core-js/actual/iterator/index.js' {}
