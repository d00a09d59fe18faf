/** The CUDA libraries of the GPU build come as wheels of their own, named in the TensorFlow wheel's metadata. */

/**
 * The requirements of one extra, as pip takes them: `nvidia-cublas-cu12<13.0,>=12.5.3.2`.
 * @param metadata text of the wheel's METADATA file (core metadata, one `Requires-Dist` a line)
 */
export function requirementsOfExtra(metadata: string, extra: string): string[] {
  const requirements: string[] = [];
  for (const line of metadata.split(/\r?\n/)) {
    if (line === '') break; // the description follows, and may quote anything
    const match = /^Requires-Dist:\s*([^;]+?)\s*;\s*(.+)$/.exec(line);
    const wanted = match && new RegExp(`\\bextra\\s*==\\s*["']${extra}["']`).test(match[2]!);
    if (wanted) requirements.push(match[1]!.replace(/[\s()]/g, ''));
  }
  return requirements;
}

/**
 * Whether a file of a CUDA wheel is needed at run time: the libraries, and what XLA compiles kernels with.
 * Wheels keep them under `nvidia/<part>/…`, and TensorFlow's library looks for them beside its own folder.
 */
export function isCudaRuntimeFile(name: string): boolean {
  return (
    /^nvidia\/[^/]+\/lib\/[^/]+\.so(\.\d+)*$/.test(name) ||
    /^nvidia\/cuda_nvcc\/(bin\/(ptxas|nvlink|fatbinary)|nvvm\/.+)$/.test(name)
  );
}
