/**
 * The last value given for an option, as `--name value` or `--name=value`.
 * @param {readonly string[]} argv @param {string} name @returns {string | undefined}
 */
export function optionValue(argv, name) {
  let value;
  argv.forEach((argument, i) => {
    if (argument === name) value = argv[i + 1];
    else if (argument.startsWith(`${name}=`)) value = argument.slice(name.length + 1);
  });
  return value;
}
