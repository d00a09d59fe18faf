/**
 * A second, tiny addon that loads libtensorflow with standard error pointed at nothing. TensorFlow prints two
 * lines from a library constructor, before any setting of its logging can be heard (2.21: `port.cc`, about oneDNN);
 * in a program with a progress bar they would stand in the middle of it on every start.
 */
export const QUIET_SOURCE = `
#include <node_api.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>
#include <string>

// (path: string) => boolean: whether the library is loaded. Loading it again later finds it there.
static napi_value LoadQuietly(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value argument, answer;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_get_value_string_utf8(env, argument, nullptr, 0, &length);
  std::string path(length + 1, '\\0');
  napi_get_value_string_utf8(env, argument, &path[0], length + 1, &length);

  const int shown = dup(2);
  const int nothing = open("/dev/null", O_WRONLY);
  if (shown >= 0 && nothing >= 0) dup2(nothing, 2);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (shown >= 0) { dup2(shown, 2); close(shown); }
  if (nothing >= 0) close(nothing);

  napi_get_boolean(env, library != nullptr, &answer);
  return answer;
}

static napi_value Init(napi_env env, napi_value exports) {
  napi_value load;
  napi_create_function(env, "load", NAPI_AUTO_LENGTH, LoadQuietly, nullptr, &load);
  return load;
}
NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
`;
