/** The version of this package; a unit test holds it equal to package.json. */
export const VERSION: string = "0.2.0";
