// CSS modules give strings by name.
declare module "*.module.css" {
  const names: Record<string, string>;
  export default names;
}
declare module "@fontsource-variable/inter";
